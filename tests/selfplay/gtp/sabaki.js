// What Sabaki does with an engine, by Sabaki's own library: node sabaki.js COMMAND ARGUMENT …
// Exit status 1 and a line on the first difference from what Sabaki expects.
const assert = require('assert')
const {Controller, ControllerStateTracker} = require('@sabaki/gtp')

async function main([command, ...args]) {
  const engine = new Controller(command, args)
  const tracker = new ControllerStateTracker(engine)
  engine.start()
  const ask = async (name, ...args) => {
    const response = await engine.sendCommand({name, args})
    assert(!response.error, `${name} ${args}: ${response.content}`)
    return response.content
  }
  const rows = async () => (await ask('showboard')).split('\n').filter(line => /^\s*\d/.test(line))
  const stones = async () => (await rows()).map(row => row.replace(/WHITE.*|BLACK.*/, '')).join('').match(/[XO]/g).length
  const play = (color, vertex) => ({name: 'play', args: [color, vertex]})

  // A game, and then a click on an earlier move: take back to there, and another move.
  const game = {komi: 7, boardsize: [9, 9], history: []}
  await tracker.sync(game)
  for (const color of ['B', 'W', 'B', 'W']) game.history.push(play(color, await ask('genmove', color)))
  assert.deepStrictEqual(tracker.state.history, game.history)
  game.history = [...game.history.slice(0, 2), play('B', 'A1')]
  await tracker.sync(game)
  assert.strictEqual(await stones(), 3)

  // Free handicap.
  const handicap = {name: 'set_free_handicap', args: ['C3', 'G7', 'E5']}
  await tracker.sync({komi: 0.5, boardsize: [9, 9], history: [handicap, play('W', 'D7')]})
  assert.strictEqual(await stones(), 4)

  // Analysis streams until the next command; a move with analysis ends with `play VERTEX`.
  const lines = []
  const analysis = engine.sendCommand({name: 'lz-analyze', args: ['B', '20']}, ({line}) => lines.push(line))
  while (lines.filter(line => line.startsWith('info move')).length < 3) await new Promise(r => setTimeout(r, 50))
  await ask('name')
  await analysis
  for (const name of ['lz-genmove_analyze', 'kata-genmove_analyze']) {
    const said = []
    await engine.sendCommand({name, args: ['B', '20']}, ({line}) => said.push(line))
    assert(said.some(line => /^play [A-J][1-9]$/.test(line)), `${name}: ${said.slice(-1)}`)
  }
  assert((await engine.sendCommand({name: 'play', args: ['b', 'Z9']})).error)
  await engine.stop(20000)
}

main(process.argv.slice(2)).catch(error => {
  console.log(error.message)
  process.exit(1)
})
