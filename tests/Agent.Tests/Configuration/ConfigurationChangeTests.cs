using System.Net;
using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Configuration;
using FileOptions = SidecarAgent.Agent.Configuration.FileOptions;

namespace SidecarAgent.Agent.Tests.Configuration;

public sealed class ConfigurationChangeTests
{
    [Fact]
    public void The_same_read_twice_is_no_change() => Assert.True(Change(options => options).IsNone);

    [Fact]
    public void What_cannot_change_is_named()
    {
        var change = Change(options => options with { MountPath = "/other", AllowDisk = true, Listen = new IPEndPoint(IPAddress.Any, 1) });

        Assert.Equal(["mountPath", "allowDisk", "listen"], change.NeedsRestart);
        Assert.False(change.IsNone);
    }

    [Fact]
    public void Broker_ca_and_identity_are_another_connection()
    {
        Assert.True(Change(options => options with { Broker = options.Broker with { Address = new Uri("https://other") } }).Connection);
        Assert.True(Change(options => options with { Broker = options.Broker with { CaPem = "other" } }).Connection);
        Assert.True(Change(options => options with { Identity = new TokenFileIdentity("/other") }).Connection);
        Assert.True(Change(options => options with { Identity = new SpiffeIdentity("/s", "a") }).Connection);
    }

    [Fact]
    public void Files_and_what_is_done_about_them_are_another_plan()
    {
        Assert.True(Change(options => options with { OnRevoke = OnRevoke.Keep }).Files);
        Assert.True(Change(options => options with { Files = [.. options.Files, options.Files[0] with { File = "b" }] }).Files);
        Assert.True(Change(options => options with { Files = [options.Files[0] with { Mode = UnixFileMode.UserRead }] }).Files);
    }

    [Fact]
    public void Level_and_format_are_the_log()
    {
        var change = Change(options => options with { Log = new LogOptions(LogLevel.Error, LogFormat.Text) });

        Assert.Equal((true, false, false), (change.Log, change.Files, change.Connection));
    }

    private static ConfigurationChange Change(Func<AgentOptions, AgentOptions> change) => ConfigurationChange.Between(Options(), change(Options()));

    private static AgentOptions Options() => new()
    {
        Broker = new BrokerOptions { Address = new Uri("https://broker"), CaPem = "pem" },
        Identity = new TokenFileIdentity("/token"),
        MountPath = "/secrets",
        Listen = new IPEndPoint(IPAddress.Loopback, 9464),
        Log = new LogOptions(LogLevel.Information, LogFormat.Text),
        Files = [new FileOptions { File = "a", Secret = "kv/a" }],
    };
}
