/**
 * What runs in the sandbox of scripts and patterns, as text: a worker started from it shares no module with the rest. Within the worker a
 * context of its own holds the person's code. Nothing but strings crosses into that context or out of it, so no object of the worker's realm can be
 * reached from it; code cannot be made from strings in it, and what it promises must end with the call.
 */

/**
 * In the context, before anything of a person is there. Frames of a stack would hand out the worker's own functions, and those lead to its realm;
 * buffers lie outside of the heap, so the worker's limit of memory does not hold for them.
 */
const narrowed = `
'use strict';
(() => {
  const lock = (on, name, value) => Object.defineProperty(on, name, { value, writable: false, enumerable: false, configurable: false });
  lock(Error, 'prepareStackTrace', undefined);
  lock(Error, 'stackTraceLimit', 0);
  // Node asks whatever is called Error in this context for its prepareStackTrace.
  lock(globalThis, 'Error', Error);
  for (const name of Object.getOwnPropertyNames(globalThis))
    if (/^.+Array$|ArrayBuffer$|^(?:DataView|WebAssembly|Atomics)$/.test(name)) delete globalThis[name];
})();
`

/** In the context. Answers JSON: kept indexes, how many threw and what the first said. Integers that a double cannot hold become bigints. */
const inside = String.raw`
'use strict';
(() => {
  const parse = JSON.parse, stringify = JSON.stringify, big = BigInt, text = String, isSafe = Number.isSafeInteger;
  const mark = '\u0000bigint:';
  const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  const exact = (json) => {
    if (!/\d{16}/.test(json)) return parse(json);
    const marked = json.replace(tokens, (token) =>
      token[0] === '"' || !/^-?\d{16,}$/.test(token) || isSafe(+token) ? token : stringify(mark + token));
    return parse(marked, (key, value) => typeof value === 'string' && value.startsWith(mark) ? big(value.slice(mark.length)) : value);
  };
  const body = globalThis.body;
  delete globalThis.body;
  const payload = (part) => {
    if (part === null) return null;
    const first = part.trimStart()[0];
    if (first === '{' || first === '[') { try { return exact(part); } catch { } }
    return part;
  };
  const say = (value) => {
    try {
      if (typeof value === 'bigint') return value + 'n';
      if (typeof value === 'string') return stringify(value);
      if (typeof value === 'object' && value !== null)
        return text(stringify(value, (key, each) => typeof each === 'bigint' ? each + 'n' : each));
      return text(value);
    } catch { return 'something that cannot be told'; }
  };
  const sayError = (error) => {
    try { return text(error && error.name ? error.name + ': ' + error.message : error).slice(0, 500); } catch { return 'an error that cannot be told'; }
  };
  globalThis.run = (input, progress) => {
    const records = parse(input);
    const kept = [];
    let thrown = 0, firstError = null, firstAt = -1, answer = undefined;
    for (let at = 0; at < records.length; at++) {
      const it = records[at];
      globalThis.at = at;
      try {
        if (!patterns.every((pattern, index) => it.texts[index].some((each) => pattern.test(each)))) continue;
        if (body === null) { kept.push(at); continue; }
        const headers = it.headers.map(([key, value]) => ({ key, value }));
        answer = body(payload(it.key), payload(it.value), headers, it.partition, it.offset, +it.timestamp, it.topic);
        if (answer) kept.push(at);
      } catch (error) {
        thrown++;
        if (firstError === null) { firstError = sayError(error); firstAt = at; }
      }
    }
    return stringify({ kept, thrown, firstError, firstAt, answer: records.length === 1 ? say(answer) : '' });
  };
})();
`

/** The worker. One message in, one out; `time` is what a batch may take. */
export const sandboxSource = `
'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const vm = require('node:vm');
const narrowed = ${JSON.stringify(narrowed)};
const inside = ${JSON.stringify(inside)};
// What import() answers is a promise of this realm. Neither can the word be escaped nor code be made from text, so this finds every one.
const importing = /(?<![\\w$])import\\s*(?:[(./]|<!--|-->)/;
const setUp = () => {
  if (workerData.script !== null && importing.test(workerData.script))
    throw new Error('A script cannot import: take import( or import. out of it, in texts and comments too.');
  const context = vm.createContext(Object.create(null), {
    codeGeneration: { strings: false, wasm: false },
    microtaskMode: 'afterEvaluate',
  });
  vm.runInContext(narrowed, context);
  const patterns = workerData.patterns.map(({ source, flags }) => 'new RegExp(' + JSON.stringify(source) + ',' + JSON.stringify(flags) + ')');
  vm.runInContext('const patterns = [' + patterns.join(',') + '];', context);
  // As the body of a function it is compiled whole: a brace too many does not end that function and leave the rest to run at once.
  context.body = workerData.script === null ? null : vm.compileFunction('"use strict";' + workerData.script,
    ['key', 'value', 'headers', 'partition', 'offset', 'timestamp', 'topic'], { parsingContext: context, filename: 'filter' });
  vm.runInContext(inside, context);
  return context;
};
let context = null;
let problem = null;
try { context = setUp(); } catch (error) { problem = String(error && error.message); }
// A function of this realm that gets into the context all the same leads nowhere: none of them answers what makes functions from text.
for (const each of [() => {}, async () => {}, function* () {}, async function* () {}]) delete Object.getPrototypeOf(each).constructor;
parentPort.on('message', ({ id, input, timeoutMs }) => {
  if (context === null) return parentPort.postMessage({ id, problem, isForGood: true, output: null, at: -1 });
  try {
    const output = vm.runInContext('run(' + JSON.stringify(input) + ')', context, { timeout: timeoutMs });
    parentPort.postMessage({ id, problem: null, isForGood: false, output: typeof output === 'string' ? output : null, at: -1 });
  } catch (error) {
    const isTime = error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    let at = -1;
    try { const where = vm.runInContext('at', context, { timeout: 100 }); if (typeof where === 'number') at = where; } catch { }
    parentPort.postMessage({ id, problem: isTime ? 'time' : 'It ended with an error that is not its own.', isForGood: true, output: null, at });
  }
});
`
