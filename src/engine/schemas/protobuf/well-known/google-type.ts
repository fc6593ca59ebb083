/** Google's common types (google/type) that the registry knows without a reference, and Confluent's own, as texts of ours. */

const googleType = (body: string, imports: readonly string[] = []): string =>
  `syntax = "proto3";\npackage google.type;\n${imports.map((path) => `import "${path}";\n`).join('')}${body}`

const months = [
  'JANUARY',
  'FEBRUARY',
  'MARCH',
  'APRIL',
  'MAY',
  'JUNE',
  'JULY',
  'AUGUST',
  'SEPTEMBER',
  'OCTOBER',
  'NOVEMBER',
  'DECEMBER',
]
const days = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY']
const periods = ['DAY', 'WEEK', 'FORTNIGHT', 'MONTH', 'QUARTER', 'HALF', 'YEAR']
const valuesOf = (zero: string, names: readonly string[]): string =>
  [zero, ...names].map((name, number) => `${name} = ${number};`).join(' ')

const metaOf = ['File', 'Message', 'Field', 'Enum', 'EnumValue']
const snake = (name: string): string => name.replace(/(?<=.)[A-Z]/g, (letter) => `_${letter}`).toLowerCase()

export const commonTypes: Readonly<Record<string, string>> = {
  'google/type/calendar_period.proto': googleType(
    `enum CalendarPeriod { ${valuesOf('CALENDAR_PERIOD_UNSPECIFIED', periods)} }\n`,
  ),
  'google/type/color.proto': googleType(
    'message Color { float red = 1; float green = 2; float blue = 3; google.protobuf.FloatValue alpha = 4; }\n',
    ['google/protobuf/wrappers.proto'],
  ),
  'google/type/date.proto': googleType('message Date { int32 year = 1; int32 month = 2; int32 day = 3; }\n'),
  'google/type/datetime.proto': googleType(
    `message DateTime {
  int32 year = 1; int32 month = 2; int32 day = 3; int32 hours = 4; int32 minutes = 5; int32 seconds = 6; int32 nanos = 7;
  oneof time_offset { google.protobuf.Duration utc_offset = 8; TimeZone time_zone = 9; }
}
message TimeZone { string id = 1; string version = 2; }
`,
    ['google/protobuf/duration.proto'],
  ),
  'google/type/dayofweek.proto': googleType(`enum DayOfWeek { ${valuesOf('DAY_OF_WEEK_UNSPECIFIED', days)} }\n`),
  'google/type/decimal.proto': googleType('message Decimal { string value = 1; }\n'),
  'google/type/interval.proto': googleType(
    'message Interval { google.protobuf.Timestamp start_time = 1; google.protobuf.Timestamp end_time = 2; }\n',
    ['google/protobuf/timestamp.proto'],
  ),
  'google/type/localized_text.proto': googleType('message LocalizedText { string text = 1; string language_code = 2; }\n'),
  'google/type/phone_number.proto': googleType(`message PhoneNumber {
  message ShortCode { string region_code = 1; string number = 2; }
  oneof kind { string e164_number = 1; ShortCode short_code = 2; }
  string extension = 3;
}
`),
  'google/type/expr.proto': googleType(
    'message Expr { string expression = 1; string title = 2; string description = 3; string location = 4; }\n',
  ),
  'google/type/fraction.proto': googleType('message Fraction { int64 numerator = 1; int64 denominator = 2; }\n'),
  'google/type/latlng.proto': googleType('message LatLng { double latitude = 1; double longitude = 2; }\n'),
  'google/type/money.proto': googleType('message Money { string currency_code = 1; int64 units = 2; int32 nanos = 3; }\n'),
  'google/type/month.proto': googleType(`enum Month { ${valuesOf('MONTH_UNSPECIFIED', months)} }\n`),
  'google/type/postal_address.proto': googleType(`message PostalAddress {
  int32 revision = 1; string region_code = 2; string language_code = 3; string postal_code = 4; string sorting_code = 5; string administrative_area = 6;
  string locality = 7; string sublocality = 8; repeated string address_lines = 9; repeated string recipients = 10; string organization = 11;
}
`),
  'google/type/quaternion.proto': googleType('message Quaternion { double x = 1; double y = 2; double z = 3; double w = 4; }\n'),
  'google/type/timeofday.proto': googleType(
    'message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }\n',
  ),
  'confluent/meta.proto': `syntax = "proto3";
package confluent;
import "google/protobuf/descriptor.proto";
message Meta { string doc = 1; map<string, string> params = 2; repeated string tags = 3; }
${metaOf.map((name) => `extend google.protobuf.${name}Options { Meta ${snake(name)}_meta = 1088; }\n`).join('')}`,
  'confluent/type/decimal.proto': `syntax = "proto3";
package confluent.type;
message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }
`,
}
