/**
 * ApiVersions (key 18): what the broker speaks, and the first thing that a client asks. Versions 0–4. Its response header never has
 * tags, in no version; a request in a version we do not know is answered in version 0 with UNSUPPORTED_VERSION and our ranges (KIP-511).
 */
import { array, bool, defineApi, int16, int32, int64n, string } from '../schema'

export const ApiVersions = defineApi({
  key: 18,
  name: 'ApiVersions',
  versions: [0, 4],
  flexibleFrom: 3,
  request: {
    clientSoftwareName: string('3+', { ignorable: true }),
    clientSoftwareVersion: string('3+', { ignorable: true }),
  },
  response: {
    errorCode: int16('0+'),
    apiKeys: array('0+', {
      apiKey: int16('0+'),
      minVersion: int16('0+'),
      maxVersion: int16('0+'),
    }),
    throttleTimeMs: int32('1+', { ignorable: true }),
    supportedFeatures: array(
      '3+',
      {
        name: string('3+'),
        minVersion: int16('3+'),
        maxVersion: int16('3+'),
      },
      { ignorable: true, tag: 0, tagged: '3+' },
    ),
    finalizedFeaturesEpoch: int64n('3+', { default: -1, ignorable: true, tag: 1, tagged: '3+' }),
    finalizedFeatures: array(
      '3+',
      {
        name: string('3+'),
        maxVersionLevel: int16('3+'),
        minVersionLevel: int16('3+'),
      },
      { ignorable: true, tag: 2, tagged: '3+' },
    ),
    zkMigrationReady: bool('3+', { default: false, ignorable: true, tag: 3, tagged: '3+' }),
  },
})
