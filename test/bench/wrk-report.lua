-- One JSON line at the end of a wrk run; latencies are in microseconds.
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '{"seconds":%.3f,"requests":%d,"bytes":%d,"errors":%d,"p50":%.1f,"p99":%.1f}\n',
    summary.duration / 1e6, summary.requests, summary.bytes,
    e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
