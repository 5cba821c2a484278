import template from './icons/tray-template.png?inline';
import templateDouble from './icons/tray-template@2x.png?inline';
import colour from './icons/tray.png?inline';
import colourDouble from './icons/tray@2x.png?inline';

/** What is used of Electron's `NativeImage`. */
type Image = {
  addRepresentation(picture: { scaleFactor: number; dataURL: string }): void;
  setTemplateImage(isTemplate: boolean): void;
};

/** The picture in the tray: on macOS a silhouette, that the menu bar colours. */
export function createTrayIcon<Picture extends Image>(
  nativeImage: { createFromDataURL(url: string): Picture },
  platform: NodeJS.Platform,
): Picture {
  const isTemplate = platform === 'darwin';
  const image = nativeImage.createFromDataURL(isTemplate ? template : colour);
  image.addRepresentation({ scaleFactor: 2, dataURL: isTemplate ? templateDouble : colourDouble });
  image.setTemplateImage(isTemplate);
  return image;
}
