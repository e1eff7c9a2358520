using Grpc.Core;
using SidecarAgent.Agent.Tests.FakeBroker;
using SidecarAgent.Testing;

namespace SidecarAgent.Agent.Tests.Connection;

/// <summary>A CA that is rotated in its file is followed without a restart.</summary>
[Collection(nameof(AgentsInTurn))]
public sealed class CaFileTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();

    [Fact]
    public async Task A_ca_that_comes_later_is_trusted_when_a_watch_is_opened()
    {
        using var other = new TestCertificates(_directory.FullName);
        await using var pod = await OneSecretAsync();
        var right = await File.ReadAllTextAsync(pod.CaFile);
        File.Copy(other.CaFile, pod.CaFile, overwrite: true);
        pod.Run();
        await pod.Log.WaitForAsync("the broker's certificate is not trusted");

        await File.WriteAllTextAsync(pod.CaFile, right);

        await pod.Log.WaitForAsync("has changed; the broker is trusted through the new one");
        await pod.Broker.Acknowledgements.NextAsync();
        Assert.Equal("1", pod.Read("a"));
    }

    [Fact]
    public async Task A_file_that_is_no_ca_any_longer_is_said_once_and_the_old_one_counts()
    {
        await using var pod = await OneSecretAsync();
        pod.Run();
        await pod.Broker.Acknowledgements.NextAsync();
        await pod.Broker.Watches.NextAsync();

        await File.WriteAllTextAsync(pod.CaFile, "half a certif");
        for (var round = 0; round < 2; round++)
        {
            pod.Broker.EndWatches(StatusCode.Unavailable, "STOPPING");
            await pod.Broker.Watches.NextAsync();
        }

        Assert.Equal(1, pod.Log.Count("The CA that was read before is used on: configuration: broker.caFile: holds no certificate"));
    }

    public void Dispose() => _directory.Dispose();

    private static async Task<TestPod> OneSecretAsync()
    {
        var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.Broker.Put("kv/a", ("x", "1"));
        return pod;
    }
}
