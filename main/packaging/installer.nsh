; What electron-builder's installer does not do by itself. Everything is the user's own (SHELL_CONTEXT): no administrator is asked,
; and so there is no rule for the firewall here either. That one the window explains, when its self-test suspects a firewall.

!define LIST_CLASS "Hearthcast.ChannelList"

; Lists of channels are offered to be opened with Hearthcast; whatever opens them now goes on doing so.
!macro customInstall
  WriteRegStr SHELL_CONTEXT "Software\Classes\${LIST_CLASS}" "" "Channel list"
  WriteRegStr SHELL_CONTEXT "Software\Classes\${LIST_CLASS}" "FriendlyTypeName" "Channel list"
  WriteRegStr SHELL_CONTEXT "Software\Classes\${LIST_CLASS}\DefaultIcon" "" "$INSTDIR\${APP_EXECUTABLE_FILENAME},0"
  WriteRegStr SHELL_CONTEXT "Software\Classes\${LIST_CLASS}\shell\open\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
  WriteRegStr SHELL_CONTEXT "Software\Classes\.m3u\OpenWithProgids" "${LIST_CLASS}" ""
  WriteRegStr SHELL_CONTEXT "Software\Classes\.m3u8\OpenWithProgids" "${LIST_CLASS}" ""

  WriteRegStr SHELL_CONTEXT "Software\Classes\hearthcast" "" "URL:Hearthcast"
  WriteRegStr SHELL_CONTEXT "Software\Classes\hearthcast" "URL Protocol" ""
  WriteRegStr SHELL_CONTEXT "Software\Classes\hearthcast\shell\open\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'

  ; The shell is told that associations changed (SHCNE_ASSOCCHANGED, SHCNF_FLUSH).
  System::Call "shell32::SHChangeNotify(i, i, i, i) (0x08000000, 0x1000, 0, 0)"
!macroend

!macro customUnInstall
  DeleteRegValue SHELL_CONTEXT "Software\Classes\.m3u\OpenWithProgids" "${LIST_CLASS}"
  DeleteRegValue SHELL_CONTEXT "Software\Classes\.m3u8\OpenWithProgids" "${LIST_CLASS}"
  DeleteRegKey SHELL_CONTEXT "Software\Classes\${LIST_CLASS}"
  DeleteRegKey SHELL_CONTEXT "Software\Classes\hearthcast"

  ; An update uninstalls the old version first, and is no reason to forget what its user chose.
  ${ifNot} ${isUpdated}
    DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Run" "${APP_ID}"
    DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run" "${APP_ID}"
  ${endIf}
  System::Call "shell32::SHChangeNotify(i, i, i, i) (0x08000000, 0x1000, 0, 0)"
!macroend
