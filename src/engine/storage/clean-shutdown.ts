/**
 * `.kafka_cleanshutdown` in a broker's data folder: written last in a clean shutdown, `{"version":0,"brokerEpoch":n}`, and removed as soon
 * as it has been read at the next start, so that a crash after that start is seen as one (CleanShutdownFileHandler.java).
 * Without it every log is recovered from its recovery point on. Only LogManager uses it.
 */
import type { Disk } from '../platform/disk'

const fileName = '.kafka_cleanshutdown'

/** Whether the last shutdown was clean; the marker is durably gone afterwards. */
export function takeCleanShutdownMarker(disk: Disk, dataDirectory: string): boolean {
  const path = `${dataDirectory}/${fileName}`
  if (!disk.exists(path)) return false
  disk.removeFile(path)
  disk.syncDirectory(dataDirectory)
  return true
}

/** `brokerEpoch` -1: not known. */
export function writeCleanShutdownMarker(disk: Disk, dataDirectory: string, brokerEpoch: number): void {
  disk.writeFileAtomic(`${dataDirectory}/${fileName}`, Buffer.from(JSON.stringify({ version: 0, brokerEpoch }), 'utf8'))
}
