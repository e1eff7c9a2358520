using System.Text.Json;
using Mono.Unix.Native;
using SidecarAgent.Agent.Tests.Connection;
using SidecarAgent.Agent.Tests.FakeBroker;
using SidecarAgent.Testing;

namespace SidecarAgent.Agent.Tests.Commands;

/// <summary>A real process and real signals: what a kubelet does to the agent.</summary>
[Collection(nameof(AgentsInTurn))]
public sealed class ProcessTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();

    [Fact]
    public async Task Sighup_reads_the_configuration_again_and_sigterm_ends_it_clean()
    {
        await using var pod = await TestPod.StartAsync();
        pod.Broker.Put(("kv/a", [("x", "s3cret-1")]), ("kv/b", [("x", "s3cret-2")]));
        using var agent = new AgentProcess("run", "--config", Config(pod, "info", "a"));
        await agent.LoggedAsync("Generation 1 is on disk: 1 file");

        Config(pod, "verbose", "a");
        agent.Signal(Signum.SIGHUP);
        Assert.Contains("logLevel: 'verbose' must be one of", await agent.LoggedAsync("the old one stays"), StringComparison.Ordinal);
        Config(pod, "debug", "a", "b");
        agent.Signal(Signum.SIGHUP);
        await agent.LoggedAsync("The new configuration is in use: 2 files");
        await agent.LoggedAsync("\"level\":\"debug\"");
        Assert.Equal(("s3cret-1", "s3cret-2"), (pod.Read("a"), pod.Read("b")));

        agent.Signal(Signum.SIGTERM);
        Assert.Equal((0, ""), await agent.EndedAsync());

        Assert.Empty(Directory.EnumerateFileSystemEntries(pod.MountPath));
        Assert.Equal(["lease-1", "lease-2"], (await pod.Broker.Releases.NextAsync()).LeaseIds.Order());
        Assert.All(agent.Log, line => Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(line).RootElement.ValueKind));
        Assert.DoesNotContain(agent.Log, line => line.Contains("s3cret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sigterm_before_the_broker_was_ever_reached_is_a_clean_end_too()
    {
        await using var pod = await TestPod.StartAsync();
        var config = Config(pod, "info", "a");
        await pod.Broker.StopAsync();
        using var agent = new AgentProcess("run", "--config", config);
        await agent.LoggedAsync("The broker is away: Connection refused");

        agent.Signal(Signum.SIGTERM);

        Assert.Equal((0, ""), await agent.EndedAsync());
    }

    [Fact]
    public async Task The_identity_may_come_from_a_spiffe_agent()
    {
        await using var spiffe = await FakeSpiffeAgent.StartAsync(_directory.File("s"), TimeProvider.System);
        await using var pod = await TestPod.StartAsync();
        pod.Broker.Put("kv/a", ("x", "1"));
        var config = Config(pod, "info", "a");
        await File.WriteAllTextAsync(config, (await File.ReadAllTextAsync(config)).Replace(
            $"\"tokenFile\": \"{pod.TokenFile}\"", $"\"spiffeSocket\": \"unix://{_directory.File("s")}\", \"audience\": \"sidecar-broker\"", StringComparison.Ordinal));
        using var agent = new AgentProcess("run", "--config", config);

        await agent.LoggedAsync("Generation 1 is on disk: 1 file");
        agent.Signal(Signum.SIGTERM);

        Assert.Equal((0, ""), await agent.EndedAsync());
        Assert.Equal(["sidecar-broker"], await spiffe.Requests.NextAsync());
        Assert.StartsWith("eyA", await pod.Broker.Tokens.NextAsync(), StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    private string Config(TestPod pod, string level, params string[] files) => _directory.Write("config.json", $$"""
        { "broker": { "address": "{{pod.Broker.Address}}", "caFile": "{{pod.CaFile}}" },
          "identity": { "tokenFile": "{{pod.TokenFile}}" }, "mountPath": "{{pod.MountPath}}", "listen": "127.0.0.1:0",
          "logLevel": "{{level}}", "logFormat": "json",
          "files": [ {{string.Join(", ", files.Select(file => $$"""{ "file": "{{file}}", "secret": "kv/{{file}}", "field": "x" }"""))}} ] }
        """);
}
