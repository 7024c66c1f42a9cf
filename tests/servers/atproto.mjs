// A real PLC directory and PDS, and with "appview" the AppView too (it needs DB_POSTGRES_URL and REDIS_HOST). Every server
// listens on 127.0.0.1 alone, at a free port. Prints one line of JSON with the addresses; ends with standard input.
import net from 'node:net'
import { pathToFileURL } from 'node:url'

const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...given) {
  const done = typeof given.at(-1) === 'function' ? [given.pop()] : []
  const asked = typeof given[0] === 'object' && given[0] !== null ? given[0] : { port: Number(given[0] ?? 0) }
  return listen.call(this, asked.path ? asked : { ...asked, host: '127.0.0.1' }, ...done)
}

const kit = await import(pathToFileURL(`${process.env.ATPROTO}/node_modules/@atproto/dev-env/dist/index.js`))
const network = process.argv[2] === 'appview'
  ? await kit.TestNetwork.create({ dbPostgresSchema: 'spillover', pds: { hostname: 'localhost' } })
  : await kit.TestNetworkNoAppView.create({ pds: { hostname: 'localhost' } })
const local = (server) => server && `http://127.0.0.1:${server.port}`
console.log(JSON.stringify({ pds: local(network.pds), plc: local(network.plc), appview: local(network.bsky) }))
process.stdin.resume().on('end', () => process.exit(0))
