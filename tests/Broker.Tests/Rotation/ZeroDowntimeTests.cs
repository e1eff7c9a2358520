using System.Diagnostics;
using Grpc.Core;
using Npgsql;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Testing.Servers;
using SidecarAgent.V1;

using State = SidecarAgent.V1.Rotation.Types.State;

namespace SidecarAgent.Broker.Tests.Rotation;

/// <summary>
/// Invariant 3 on a real PostgreSQL: while fifty pods log in every 20 ms with whatever they hold, rotation after rotation
/// takes place, and nobody is ever refused.
/// </summary>
[Collection(nameof(PostgresFixture))]
public sealed class ZeroDowntimeTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Path = "database/static/orders";
    private const int Pods = 50;

    private const string Policies =
        """
        policies:
          - name: orders
            subjects: [ { namespace: shop, serviceAccount: orders } ]
            grants: [ { paths: [ database/static/* ], ttl: 3h, maxTtl: 24h } ]
        """;

    private readonly List<ApplicationPod> _pods = [];
    private RunningBroker _broker = null!;

    public async Task InitializeAsync()
    {
        await postgres.AskAsync("DROP ROLE IF EXISTS turn_a, turn_b");
        await postgres.AskAsync("CREATE ROLE turn_a LOGIN");
        await postgres.AskAsync("CREATE ROLE turn_b LOGIN");
        ApplicationPod.Failures.Clear();
        _broker = await RunningBroker.StartAsync(policies: Policies, configuration: Configuration(postgres.Server));
    }

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_pods.Select(pod => pod.DisposeAsync().AsTask()));
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task A_hundred_rotations_pass_without_one_failed_login()
    {
        await StartPodsAsync();
        var admin = _broker.Admin;

        for (var rotation = 0; rotation < 100; rotation++)
        {
            var began = await admin.RotateSecretAsync(new RotateSecretRequest { Path = Path });
            Assert.True(began.Began);
            await Task.WhenAll(_pods.Select(pod => pod.AcknowledgedAsync(began.Rotation.ToVersion)))
                .WaitAsync(TimeSpan.FromMinutes(5), TimeProvider.System);
            var done = await EndAsync(admin);
            Assert.Equal((State.Done, 0U, ""), (done.State, done.LeftBehind, done.Reason));
            Assert.All(_pods, pod => Assert.Equal(done.ToVersion, pod.Version));
        }

        Assert.Empty(ApplicationPod.Failures);
        Assert.All(_pods, pod => Assert.InRange(pod.Logins, 101, int.MaxValue));
        await OnlyOneAccountWorksAsync(admin);
    }

    [Fact]
    public async Task A_broker_that_is_killed_in_the_middle_of_rotations_refuses_nobody_and_leaves_nothing_half_done()
    {
        await _broker.StopAsync();
        var process = await StartProcessAsync();
        await StartPodsAsync();

        foreach (var given in new[] { 0, 1, 10, 25, 49, 50 })
        {
            var before = _pods.Max(pod => pod.Version);
            var reached = WhenGivenAsync(before, given);
            var request = RotateUnlessAwayAsync();
            await reached;
            await process.SignalAsync("KILL");
            await process.WaitForExitAsync();
            process.Dispose();
            await request;
            process = await StartProcessAsync();

            // What was under way goes on by itself; if the kill came before it was written down, this begins it.
            var admin = _broker.Admin;
            await admin.RotateSecretAsync(new RotateSecretRequest { Path = Path });
            var done = await EndAsync(admin);
            Assert.Equal((State.Done, 0U), (done.State, done.LeftBehind));
        }

        Assert.Empty(ApplicationPod.Failures);
        var open = await _broker.Admin.ListRotationsAsync(new ListRotationsRequest());
        Assert.Empty(open.Rotations);
        await OnlyOneAccountWorksAsync(_broker.Admin);
        await Task.WhenAll(_pods.Select(pod => pod.DisposeAsync().AsTask()));
        _pods.Clear();
        await process.SignalAsync("KILL");
        await process.WaitForExitAsync();
        process.Dispose();
        await _broker.StartServerAsync();
    }

    private static string Configuration(PostgresServer server) =>
        $$"""
        mounts:
          - path: database
            engine: postgres
            connection:
              { host: localhost, port: {{server.Port}}, database: postgres, user: {{PostgresServer.Admin}},
                passwordFile: {{server.PasswordFile}}, caFile: {{server.CaFile}} }
            roles: [ { name: orders, rotate: [ turn_a, turn_b ], every: 3650d, grace: 0s } ]
        """;

    private async Task StartPodsAsync()
    {
        for (var i = 0; i < Pods; i++)
        {
            var token = _broker.Issuer.Token(pod: $"orders-{i}", lifetime: TimeSpan.FromHours(2));
            _pods.Add(new ApplicationPod(() => _broker.Client(token), Path, postgres.Server.Port));
        }

        await Task.WhenAll(_pods.Select(pod => pod.StartAsync()));
    }

    /// <summary>Completes when so many pods were given a newer version.</summary>
    private Task WhenGivenAsync(ulong before, int pods)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var given = 0;
        foreach (var pod in _pods)
        {
            pod.Given += version =>
            {
                if (version > before && Interlocked.Increment(ref given) == pods)
                    reached.TrySetResult();
            };
        }

        if (pods == 0)
            reached.TrySetResult();
        return reached.Task;
    }

    private async Task<Process> StartProcessAsync()
    {
        var process = BrokerProcess.Start("run", "--config", _broker.File("broker.yaml"));
        _broker.Address = await process.ServingAsync();
        return process;
    }

    private async Task RotateUnlessAwayAsync()
    {
        try
        {
            await _broker.Admin.RotateSecretAsync(new RotateSecretRequest { Path = Path });
        }
        catch (RpcException)
        {
            // It was killed before it could answer.
        }
    }

    private static async Task<V1.Rotation> EndAsync(BrokerAdmin.BrokerAdminClient admin)
    {
        using var watch = admin.WatchRotation(new WatchRotationRequest { Path = Path });
        return await watch.UntilAsync(rotation => rotation.EndedAt is not null);
    }

    /// <summary>What is stored lets in, and what was stored before does not.</summary>
    private async Task OnlyOneAccountWorksAsync(BrokerAdmin.BrokerAdminClient admin)
    {
        var active = await admin.GetSecretAsync(new GetSecretRequest { Path = Path, Reveal = true });
        await using (var now = new UsedCredential(Issued(active), postgres.Server.Port))
            await now.LogInAsync();
        var before = await admin.GetSecretAsync(
            new GetSecretRequest { Path = Path, Version = active.Version - 1, Reveal = true });
        await using var old = new UsedCredential(Issued(before), postgres.Server.Port);
        var refused = await Assert.ThrowsAsync<PostgresException>(old.LogInAsync);
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
    }

    private static Issued Issued(GetSecretResponse secret) => new() { Version = secret.Version, Fields = { secret.Fields } };
}
