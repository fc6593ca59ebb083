/** The command line: `serve` for now. Bundled beside the workers, so it runs on plain Node without a window. */
import { parseServeArguments, serveUsage } from './arguments'
import { serve } from './serve'

async function main(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv
  if (command !== 'serve') {
    console.error(command === undefined ? serveUsage : `Unknown command '${command}'. There is: serve`)
    return 2
  }
  const args = parseServeArguments(rest)
  if (!args.ok) {
    console.error(`${args.error}. See serve --help.`)
    return 2
  }
  if (args.value.isHelp) {
    console.log(serveUsage)
    return 0
  }
  return serve(args.value, __dirname)
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
