using Mono.Unix.Native;
using SidecarAgent.Quickstart.Installation;
using SidecarAgent.Quickstart.PodRunner;

namespace SidecarAgent.EndToEnd.Tests.Scenes;

/// <summary>A running pod, as its application and its kubelet see it.</summary>
internal sealed class ScenePod(Scene scene, LocalPod pod)
{
    public LocalPod Local { get; } = pod;

    public ContainerRun Agent => Local.Run.Container("sidecar-agent");

    public ContainerRun Application => Local.Run.Container("app");

    /// <summary>Where the files of /secrets are on this machine.</summary>
    public string Mount => Agent.Mounts.ToHost("/secrets");

    /// <summary>Name of the directory that holds the present files.</summary>
    public string Generation => new FileInfo(Path.Combine(Mount, "..data")).LinkTarget ?? "";

    public string Read(string file) => File.ReadAllText(Path.Combine(Mount, file));

    public bool Has(string file) => File.Exists(Path.Combine(Mount, file));

    /// <summary>SIGKILL, and the kubelet's answer: the agent runs again when this returns.</summary>
    public async Task KillAgentAsync()
    {
        var restarts = Agent.Restarts;
        var killed = Agent.ProcessId;
        Agent.Send(Signum.SIGKILL);
        await scene.EventuallyAsync("the agent runs again", () => Agent.Restarts > restarts && Agent.ProcessId != killed);
    }

    /// <summary>Waits until the agent says that it has everything.</summary>
    public Task ReadyAsync() => scene.EventuallyAsync("the agent is ready", async () =>
    {
        using var http = new HttpClient();
        try
        {
            using var answer = await http.GetAsync(new Uri(Local.Agent, "/readyz"), scene.Deadline);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    });

    public async Task<string> MetricsAsync()
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(Local.Agent, "/metrics"), scene.Deadline);
    }

    /// <summary>The value of a metric without labels, or of its first series; null if it is not there.</summary>
    public async Task<double?> MetricAsync(string name)
    {
        var line = (await MetricsAsync()).Split('\n').FirstOrDefault(line =>
            line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is ' ' or '{');
        return line is null ? null : double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
