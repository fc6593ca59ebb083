/** Laying out changes white space only, and keeps every comment. */
import { describe, expect, it } from 'vitest'
import { protobufFormat } from '.'
import { tokenize } from './syntax/tokens'

const laidOut = (text: string): string => {
  const result = protobufFormat.format(text)
  if (!result.ok) throw new Error(result.error[0]?.message)
  return result.value
}
const words = (text: string): readonly string[] => tokenize(text).map((token) => token.text.replace(/\s+/g, ' ').trim())

const messy = `// head
syntax="proto3";


package  a.b ;
/* about A
* more */
message A{string a=1;// first
repeated   .a.b.B b=2[deprecated=true,(x).y={p:1 q:"z"
r:[-1,2]}];map<string,B>m=3;

// apart

oneof o{int32 c=4;}message B{} // behind
}
service S{rpc Do(stream A)returns(.a.b.A){option deprecated=true;}}
enum E{Z=0;N=-1;}`

describe('formatting a .proto text', () => {
  it('writes a statement a line, two spaces a level, comments where they stand', () => {
    expect(laidOut(messy)).toBe(`// head
syntax = "proto3";

package a.b;
/* about A
 * more */
message A {
  string a = 1; // first
  repeated .a.b.B b = 2 [deprecated = true, (x).y = {
    p: 1 q: "z"
    r: [-1, 2]
  }];
  map<string, B> m = 3;

  // apart

  oneof o {
    int32 c = 4;
  }
  message B {} // behind
}
service S {
  rpc Do (stream A) returns (.a.b.A) {
    option deprecated = true;
  }
}
enum E {
  Z = 0;
  N = -1;
}
`)
  })

  it('loses no token and is stable', () => {
    expect(words(laidOut(messy))).toEqual(words(messy))
    expect(laidOut(laidOut(messy))).toBe(laidOut(messy))
  })

  it('refuses what cannot be read, with the place', () => {
    const result = protobufFormat.format('syntax = "proto3";\nmessage A { string = 1; }')
    expect(result.ok ? null : result.error[0]).toMatchObject({
      message: "Expected the name of a field behind its type 'string', and '=' stands there.",
    })
  })
})
