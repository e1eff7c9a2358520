using System.Diagnostics;
using Grpc.Core;
using SidecarAgent.Testing.Servers;
using SidecarAgent.V1;

namespace SidecarAgent.Benchmarks;

/// <summary>
/// Accounts on demand of a PostgreSQL that waits for its disk: each fetch is another pod's, and makes a login role, with its
/// rows before and after in the broker's own database.
/// </summary>
internal static class BrokerAccounts
{
    private const int Connections = 16;
    private const int Callers = 64;

    /// <summary>So many until the broker has compiled what it does often: a fifth of its work before.</summary>
    private const int WarmUp = 3_000;

    private const int Accounts = 6_000;
    private const int AccountsPerReference = 1_000;

    /// <summary>As fast as it can be set, then as it comes: most of the work is the hashing of passwords.</summary>
    public static async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken) =>
    [
        .. await MeasureAsync("broker: accounts, their passwords hashed once", iterations: 1, cancellationToken),
        .. await MeasureAsync("broker: PostgreSQL accounts on demand", iterations: 4096, cancellationToken),
    ];

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(string name, int iterations, CancellationToken cancellationToken)
    {
        await using var postgres = await PostgresServer.StartAsync(durable: true);
        await using var rig = await BrokerRig.StartAsync(cancellationToken, $$$"""
              - path: database
                engine: postgres
                connection:
                  { host: localhost, port: {{{postgres.Port}}}, user: {{{PostgresServer.Admin}}}, passwordFile: {{{postgres.PasswordFile}}}, caFile: {{{postgres.CaFile}}} }
                concurrency: 16
                scramIterations: {{{iterations}}}
                roles:
                  - name: orders
                    create:
                      - CREATE ROLE {{name}} LOGIN PASSWORD {{password}} VALID UNTIL {{validUntil}}
                      - GRANT pg_read_all_data TO {{name}}
            """);
        var tokens = rig.Tokens(WarmUp + Accounts);
        await MakeAsync(rig, tokens[..WarmUp], cancellationToken);
        var spent = new TimeSpan[3];
        var took = TimeSpan.Zero;
        var reference = new Samples();
        foreach (var some in tokens[WarmUp..].Chunk(AccountsPerReference))
        {
            var before = Spent();
            var clock = Stopwatch.StartNew();
            await MakeAsync(rig, some, cancellationToken);
            took += clock.Elapsed;
            spent = [.. Spent().Zip(before, (now, then) => now - then).Zip(spent, (more, sum) => sum + more)];
            reference.Add(ReferenceWork.ToHashOnEachCore());
        }

        var each = spent.Select(sum => (sum / Accounts).TotalMicroseconds).ToArray();
        var rate = new Figure(name, Accounts / took.TotalSeconds, 300, "/s", $"{Accounts} pods, {Callers} at a time; each {each[0]:0} us of the broker, {each[1]:0} us of PostgreSQL and {each[2]:0} us of the client")
        {
            AtLeast = true,
        };
        return [rate, rate.AsRatio(reference)];

        TimeSpan[] Spent() => [rig.CpuTime, ProcessorTime.OfFamily(postgres.ProcessId), Environment.CpuUsage.TotalTime];
    }

    private static async Task MakeAsync(BrokerRig rig, string[] tokens, CancellationToken cancellationToken)
    {
        var channels = Enumerable.Range(0, Connections).Select(_ => rig.Connect()).ToArray();
        var request = new FetchRequest
        {
            Secrets = { new SecretRequest { Path = "database/creds/orders", Fields = { "username", "password" } } },
        };
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            var client = new SecretBroker.SecretBrokerClient(channels[caller % Connections]);
            for (int i; (i = Interlocked.Increment(ref next)) < tokens.Length;)
            {
                var answer = await client.FetchAsync(
                    request, new Metadata { { "authorization", $"Bearer {tokens[i]}" } }, cancellationToken: cancellationToken);
                if (answer.Updates is not [{ Issued.Fields.Count: 2 }])
                    throw new InvalidOperationException($"the broker answered: {answer}");
            }
        }));
        Array.ForEach(channels, channel => channel.Dispose());
    }
}
