using System.Diagnostics;
using Grpc.Core;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.BrokerHost;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Credentials;

/// <summary>A broker that is killed between any two steps, and what the next one finds on a real PostgreSQL.</summary>
[Collection(nameof(PostgresFixture))]
public sealed class CredentialCrashTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("BeforeCreate")]
    [InlineData("AfterCreate")]
    [InlineData("Live")]
    [InlineData("BeforeDrop")]
    [InlineData("AfterDrop")]
    [InlineData("Forgotten")]
    public async Task Killed_at_any_step_it_leaves_as_many_accounts_as_live_leases_once_it_is_back(string step)
    {
        var role = $"crash-{step.ToLowerInvariant()}";
        await using var broker = await StartAsync(role);
        var path = $"database/creds/{role}";
        await broker.StopAsync();

        // The second time, so that something was there before; but only one account can be the last one.
        var isLast = Enum.Parse<Step>(step) == Step.Forgotten;
        using (var doomed = Start(broker.File("broker.yaml"), step, isLast ? "1" : "2"))
        {
            broker.Address = await doomed.ServingAsync();
            await UntilDeathAsync(doomed, async i =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
                if (isLast && i > 0)
                    return;
                var token = broker.Issuer.Token(pod: $"pod-{i % 4}");
                var update = await broker.FetchOneAsync(token, path);
                if (update.Issued is { } issued && (isLast || i % 2 == 1))
                    await broker.Client(token).ReleaseAsync(new ReleaseRequest { LeaseIds = { issued.Lease.Id } });
            });
        }

        await broker.StartServerAsync();
        await AssertCleanAsync(broker, role);
    }

    [Fact]
    public async Task Killed_again_and_again_at_any_moment_it_forgets_no_account()
    {
        const string Role = "crash-often";
        await using var broker = await StartAsync(Role);
        await broker.StopAsync();
        for (var round = 0; round < 5; round++)
        {
            using var doomed = BrokerProcess.Start("run", "--config", broker.File("broker.yaml"));
            broker.Address = await doomed.ServingAsync();
            var asking = Enumerable.Range(0, 4).Select(pod => UntilDeathAsync(doomed, async i =>
            {
                var token = broker.Issuer.Token(pod: $"pod-{pod}-{i % 3}");
                var update = await broker.FetchOneAsync(token, $"database/creds/{Role}");
                if (update.Issued is { } issued && i % 3 != 0)
                    await broker.Client(token).ReleaseAsync(new ReleaseRequest { LeaseIds = { issued.Lease.Id } });
            })).ToList();
            await Waiting.UntilAsync(async () => await BrokerTables.CountAsync(broker, "credential") > round + 2);
            await doomed.SignalAsync("KILL");
            await Task.WhenAll(asking);
        }

        await broker.StartServerAsync();
        await AssertCleanAsync(broker, Role);
    }

    private Task<RunningBroker> StartAsync(string role) => RunningBroker.StartAsync(
        policies: DynamicBroker.Policies,
        configuration: DynamicBroker.On(postgres.Server, timeout: "2s", name: role)
            + "\nlimits: { callsPerSecond: 100000, burst: 100000 }");

    private static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo("dotnet", [typeof(Doom).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    private static async Task UntilDeathAsync(Process process, Func<int, Task> ask)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2), TimeProvider.System);
        var dead = process.WaitForExitAsync(patience.Token);
        for (var i = 0; !dead.IsCompleted; i++)
        {
            try
            {
                await ask(i);
            }
            catch (RpcException)
            {
                // It was killed in the middle of it; or it is being killed, and connections fail already.
                await Task.WhenAny(dead, Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System));
            }
        }

        await dead;
    }

    /// <summary>When nothing is left to do, what is on the server is what the leases say, and it works.</summary>
    private async Task AssertCleanAsync(RunningBroker broker, string role)
    {
        await Waiting.UntilAsync(async () =>
            await BrokerTables.CountAsync(broker, "credential WHERE state <> 2") == 0);
        var live = (await broker.Admin.ListLeasesAsync(new ListLeasesRequest { Prefix = $"database/creds/{role}" })).Leases;
        var accounts = await postgres.AskAsync(
            $"SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolname LIKE 'sa-{role}-%'");

        var expected = string.Join(' ', live.Select(lease => lease.Account).Order(StringComparer.Ordinal));
        Assert.Equal(expected, accounts as string ?? "");
        Assert.Equal(live.Count, await BrokerTables.CountAsync(broker, "secret_version"));
        foreach (var pod in live.Select(lease => lease.Workload.Pod).Distinct())
        {
            var issued = (await broker.FetchOneAsync(broker.Issuer.Token(pod: pod), $"database/creds/{role}")).Issued;
            await using var session = await postgres.LogInAsync(issued.User(), issued.Text());
        }
    }
}
