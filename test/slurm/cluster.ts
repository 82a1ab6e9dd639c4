import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { availableParallelism, hostname, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Cluster {
  /** What the Slurm commands need to find it. */
  readonly env: Record<string, string>
  /** The output of a Slurm command. */
  ask(command: string, args: readonly string[]): string
  stop(): Promise<void>
}

/** Daemons live in sbin, which is not on everybody's path. */
const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`

/**
 * A real Slurm on this machine: one controller and `nodes` virtual nodes, each a slurmd with a port of its own, with
 * their own munge key and socket. Everything lies in one temporary folder and listens on loopback alone; needs neither
 * systemd nor cgroups.
 */
export async function startCluster(nodes: number): Promise<Cluster> {
  for (const program of ['slurmctld', 'slurmd', 'sbatch', 'munged']) {
    if (path.split(':').some((folder) => existsSync(join(folder, program)))) continue
    throw new Error(`${program} is missing: apt-get install --no-install-recommends slurmctld slurmd slurm-client munge`)
  }
  const home = mkdtempSync(join(tmpdir(), 'quern-slurm-'))
  chmodSync(home, 0o755) // munge refuses a socket that others cannot reach
  const below = (name: string): string => join(home, name)
  for (const folder of ['state', 'spool', 'run', 'log', 'munge']) mkdirSync(below(folder), { mode: 0o755 })
  const ports = await freePorts(nodes + 1)
  const user = userInfo().username
  const conf = below('slurm.conf')
  writeFileSync(conf, configuration(home, user, ports))
  const key = below('munge/key')
  writeFileSync(key, randomBytes(128), { mode: 0o600 })
  const env = { PATH: path, SLURM_CONF: conf }

  const call = (command: string, args: readonly string[]) => spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env } })

  function ask(command: string, args: readonly string[]): string {
    const { status, stdout, stderr, error } = call(command, args)
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}\n${logs()}`)
    return stdout
  }

  function logs(): string {
    return readdirSync(below('log'))
      .map(
        (name) =>
          `${name}:\n${readFileSync(join(below('log'), name), 'utf8')
            .split('\n')
            .slice(-15)
            .join('\n')}`,
      )
      .join('\n')
  }

  const pids = (): number[] =>
    readdirSync(below('run'))
      .filter((name) => name.endsWith('.pid'))
      .map((name) => Number(readFileSync(join(below('run'), name), 'utf8')))

  async function stop(): Promise<void> {
    const running = pids()
    for (const pid of running) if (isRunning(pid)) process.kill(pid)
    for (let i = 0; i < 100 && running.some(isRunning); i += 1) await sleep(100)
    for (const pid of running) if (isRunning(pid)) process.kill(pid, 'SIGKILL')
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }

  try {
    ask('munged', [
      '--force',
      `--key-file=${key}`,
      `--socket=${below('run/munge')}`,
      `--pid-file=${below('run/munged.pid')}`,
      `--log-file=${below('log/munged')}`,
      `--seed-file=${below('munge/seed')}`,
    ])
    ask('slurmctld', ['-f', conf])
    for (let node = 1; node <= nodes; node += 1) {
      mkdirSync(below(`spool/node${node}`))
      ask('slurmd', ['-N', `node${node}`, '-f', conf])
    }
    for (let i = 0; ; i += 1) {
      const idle = call('sinfo', ['--noheader', '--Node', '--states=idle', '--format=%N']).stdout
      if (idle.trim().split('\n').filter(Boolean).length === nodes) break
      if (i > 150) throw new Error(`the nodes did not come up:\n${logs()}`)
      await sleep(200)
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { env, ask, stop }
}

/** Several slurmd on one host need numbers in their names, a port each, and no cgroups or process containers. */
function configuration(home: string, user: string, [controller, ...nodes]: readonly number[]): string {
  const host = hostname().replace(/\..*$/, '')
  return `ClusterName=quern
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controller}
SlurmUser=${user}
SlurmdUser=${user}
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
AuthType=auth/munge
AuthInfo=socket=${home}/run/munge
StateSaveLocation=${home}/state
SlurmdSpoolDir=${home}/spool/%n
SlurmctldPidFile=${home}/run/slurmctld.pid
SlurmdPidFile=${home}/run/%n.pid
SlurmctldLogFile=${home}/log/slurmctld
SlurmdLogFile=${home}/log/%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=1
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
${nodes.map((port, i) => `NodeName=node${i + 1} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${port} CPUs=${availableParallelism()}`).join('\n')}
PartitionName=main Nodes=ALL Default=YES State=UP
`
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
