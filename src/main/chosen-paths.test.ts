import { expect, test } from 'vitest'
import { ChosenPaths } from './chosen-paths'

test('an export goes where the dialog said, once, and nowhere else', async () => {
  const written: string[] = []
  const chosen = new ChosenPaths()
  const exportTo = chosen.guard(async ({ path }) => {
    written.push(path)
    return { taskId: 1 }
  })
  const request = { readId: 1, rows: null, format: 'jsonl' } as const
  chosen.add('/chosen/a.jsonl')
  await expect(exportTo({ ...request, path: '/home/dev/.bashrc' })).rejects.toMatchObject({ code: 'PATH_NOT_CHOSEN' })
  await exportTo({ ...request, path: '/chosen/a.jsonl' })
  await expect(exportTo({ ...request, path: '/chosen/a.jsonl' })).rejects.toThrow('was not chosen')
  expect(written).toEqual(['/chosen/a.jsonl'])
})
