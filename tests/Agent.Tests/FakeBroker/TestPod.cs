using System.Net;
using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Commands;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Reload;
using SidecarAgent.Testing;
using FileOptions = SidecarAgent.Agent.Configuration.FileOptions;

namespace SidecarAgent.Agent.Tests.FakeBroker;

/// <summary>
/// What a pod gives the agent: a volume in memory, a token file, a CA; and a broker at the other end. The agent in it is the
/// real one, started and stopped as often as a test likes.
/// </summary>
internal sealed class TestPod : IAsyncDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly TempDirectory _mount = TempDirectory.CreateInMemory();
    private readonly TestCertificates _certificates;
    private RunningAgent? _agent;

    private TestPod()
    {
        _certificates = new TestCertificates(_directory.FullName);
        Token = "token-1";
    }

    public FakeBroker Broker { get; private set; } = null!;

    public CapturedLog Log { get; } = new();

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public string MountPath => _mount.FullName;

    public string CaFile => _certificates.CaFile;

    public string TokenFile => _directory.File("token");

    /// <summary>What the kubelet puts into the token file.</summary>
    public string Token
    {
        set => File.WriteAllText(TokenFile, value + "\n");
    }

    public List<FileOptions> Files { get; } = [];

    /// <summary>Null: the token file.</summary>
    public IdentityOptions? Identity { get; set; }

    /// <summary>Null: <see cref="MountPath"/>.</summary>
    public string? OtherMountPath { get; set; }

    public LogOptions LogOptions { get; set; } = new(LogLevel.Debug, LogFormat.Text);

    /// <summary>Null: that of <see cref="Broker"/>.</summary>
    public Uri? BrokerAddress { get; set; }

    public OnRevoke OnRevoke { get; set; }

    public Notification? Notify { get; set; }

    public IPEndPoint Listen { get; set; } = new(IPAddress.Loopback, 0);

    public static async Task<TestPod> StartAsync()
    {
        var pod = new TestPod();
        pod.Broker = await FakeBroker.StartAsync(pod._certificates);
        return pod;
    }

    /// <summary>A file of one field's exact bytes.</summary>
    public void WantRaw(string file, string secret, string field, Notification? notify = null) => Files.Add(
        new FileOptions { File = file, Secret = secret, Field = field, Format = FileFormat.Raw, Notify = notify });

    public AgentOptions Options() => new()
    {
        Broker = new BrokerOptions { Address = BrokerAddress ?? Broker.Address, CaPem = File.ReadAllText(CaFile), CaFile = CaFile },
        Identity = Identity ?? new TokenFileIdentity(TokenFile),
        MountPath = OtherMountPath ?? MountPath,
        Listen = Listen,
        Log = LogOptions,
        Files = [.. Files],
        OnRevoke = OnRevoke,
        Notify = Notify,
    };

    /// <summary>Starts <c>run</c>.</summary>
    public RunningAgent Run()
    {
        Assert.True(_agent is null || _agent.HasEnded, "one agent at a time");
        return _agent = new RunningAgent(Options, Log, Time);
    }

    /// <summary>Runs <c>init</c> to its end.</summary>
    public Task InitAsync(TimeSpan? timeout = null) =>
        InitCommand.RunAsync(Options(), timeout ?? TimeSpan.FromSeconds(60), Log, Time, CancellationToken.None);

    /// <summary>What the application reads; null: no such file.</summary>
    public string? Read(string file)
    {
        var path = Path.Combine(MountPath, file);
        return File.Exists(path) ? File.ReadAllText(path) : null;
    }

    /// <summary>The generation that the application sees: the target of <c>..data</c>.</summary>
    public string? Generation() => new FileInfo(Path.Combine(MountPath, "..data")).LinkTarget;

    public async ValueTask DisposeAsync()
    {
        if (_agent is not null)
            await _agent.DisposeAsync();
        await Broker.DisposeAsync();
        _certificates.Dispose();
        _mount.Dispose();
        _directory.Dispose();
    }
}
