using System.Text;
using SidecarAgent.Ctl.Tests.FakeBroker;
using SidecarAgent.Testing;

namespace SidecarAgent.Ctl.Tests;

/// <summary>Types commands at a broker on a Unix socket, in this process.</summary>
internal sealed class Operator : IAsyncDisposable
{
    private readonly BrokerHost _host;

    private Operator(TempDirectory directory, BrokerHost host)
    {
        Directory = directory;
        _host = host;
        Surroundings = Bare() with { Variable = name => name == "SIDECARCTL_BROKER" ? host.Address : null };
    }

    public TempDirectory Directory { get; }

    public RecordingBroker Broker => _host.Broker;

    public Surroundings Surroundings { get; set; }

    public static async Task<Operator> CreateAsync()
    {
        var directory = TempDirectory.Create();
        return new Operator(directory, await BrokerHost.OnSocketAsync(directory.File("admin.sock")));
    }

    /// <summary>A pipe on each side, no variables, nothing on standard input.</summary>
    public static Surroundings Bare(string input = "") => new()
    {
        Input = new MemoryStream(Encoding.UTF8.GetBytes(input)),
        Variable = _ => null,
        Time = TimeProvider.System,
    };

    public Task<Run> RunAsync(params string[] arguments) => RunAsync(Surroundings, arguments);

    public static async Task<Run> RunAsync(Surroundings surroundings, params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        var code = await CommandLine.RunAsync(arguments, surroundings, output, error);
        return new Run(code, output.ToString(), error.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Dispose();
    }
}
