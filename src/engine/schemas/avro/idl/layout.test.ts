import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatAvroIdl, parseAvroIdl, printAvroIdl } from '../index'
import { anySchema } from '../testing/arbitraries'
import { schemaOf } from '../testing/schemas'

const formatted = (text: string): string => {
  const outcome = formatAvroIdl(text)
  if (!outcome.ok) throw new Error(outcome.error.map((problem) => problem.message).join(' '))
  return outcome.value
}

const messy = `namespace com.acme ;schema Order;
// what people buy
/**
   * One order.
 */
@aliases ( [ "Bill" ] ) @owner({"team" :  "x"})
record Order{ long id; // its number
  /** who */ string   customer,partner="";
  union{null,Colour} colour=null;array < map<long> > lists = [];


  @logicalType("timestamp-micros") long @order("ignore") at; decimal( 12,2 ) total; Unknown? other; }
enum Colour{RED,GREEN}=RED;
enum Long { /* first */ A, B // last
}
@namespace("x") fixed Md5 (16);
record Empty { }`

const neat = `namespace com.acme;
schema Order;
// what people buy
/**
 * One order.
 */
@aliases(["Bill"])
@owner({"team": "x"})
record Order {
  long id; // its number
  /** who */
  string customer, partner = "";
  union { null, Colour } colour = null;
  array<map<long>> lists = [];

  @logicalType("timestamp-micros") long @order("ignore") at;
  decimal(12, 2) total;
  Unknown? other;
}

enum Colour { RED, GREEN } = RED;
enum Long { /* first */
  A,
  B // last
}

@namespace("x")
fixed Md5(16);
record Empty {
}
`

const meaning = (text: string) => {
  const outcome = parseAvroIdl(text, new Map(), { isNew: true })
  return outcome.ok && outcome.value.schemaText
}

describe('laying IDL out', () => {
  it('gives every field its line and keeps every comment', () => {
    expect(formatted(messy)).toBe(neat)
  })

  it('changes nothing the second time', () => {
    expect(formatted(neat)).toBe(neat)
  })

  it('lays protocols out, messages and all', () => {
    const text =
      '/** p */ @namespace("n") protocol P { import idl "x.avdl"; record R { int a; } void ping(R r, int n = 1) oneway; R get() throws Oops; error Oops { string why; } }'
    const laidOut = `/** p */
@namespace("n")
protocol P {
  import idl "x.avdl";
  record R {
    int a;
  }

  void ping(R r, int n = 1) oneway;
  R get() throws Oops;
  error Oops {
    string why;
  }
}
`
    expect(formatted(text)).toBe(laidOut)
    expect(formatted(laidOut)).toBe(laidOut)
  })

  it('means the same schema', () => {
    const text = messy.replace('Unknown?', 'Order?')
    expect(meaning(formatted(text))).toBe(meaning(text))
    expect(meaning(text)).toContain('"Order"')
  })

  it('means the same and rests, whatever the schema', () => {
    fc.assert(
      fc.property(anySchema, (schema) => {
        const text = printAvroIdl(schemaOf(schema))
        const laidOut = formatted(text.replace(/\s+/g, (space) => (space.includes('\n') ? '\n' : ' ')))
        expect(meaning(laidOut)).toBe(meaning(text))
        expect(formatted(laidOut)).toBe(laidOut)
      }),
      { numRuns: 60 },
    )
  })

  it('fails on faults of syntax', () => {
    expect(formatAvroIdl('record R { int a }')).toMatchObject({ ok: false, error: [{ message: 'A ; is missing behind this.' }] })
  })
})
