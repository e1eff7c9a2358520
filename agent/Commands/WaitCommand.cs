using System.Net;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Files;
using SidecarAgent.Agent.Telemetry;

namespace SidecarAgent.Agent.Commands;

/// <summary>
/// <c>wait</c>: ends when the application can be started. It looks for <c>..data</c>, which appears with the first generation
/// and stays, whatever becomes of single secrets later: a restart of the agent must not hang on those.
/// </summary>
internal static class WaitCommand
{
    /// <summary>One call of stat(2); the kubelet waits for nothing else.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan LongestQuestion = TimeSpan.FromSeconds(1);

    /// <exception cref="CommandException">Not in time.</exception>
    public static async Task RunAsync(AgentOptions options, TimeSpan timeout, TimeProvider time, CancellationToken stopping)
    {
        var current = Path.Combine(options.MountPath, ReservedNames.Current);
        var started = time.GetTimestamp();
        while (!Directory.Exists(current))
        {
            if (time.GetElapsedTime(started) >= timeout)
            {
                throw new CommandException(
                    ExitCode.TimedOut, $"no files in {options.MountPath} after {timeout.TotalSeconds:0.###} s: {await WhyAsync(options.Listen, time, stopping)}");
            }

            await Task.Delay(Interval, time, stopping);
        }
    }

    /// <summary>The agent that is to write them knows best.</summary>
    private static async Task<string> WhyAsync(IPEndPoint listen, TimeProvider time, CancellationToken stopping)
    {
        var host = listen.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : listen.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : listen.Address;
        using var over = new CancellationTokenSource(LongestQuestion, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, stopping);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { MaxResponseContentBufferSize = 64 * 1024 };
        try
        {
            using var answer = await http.GetAsync(new Uri($"http://{new IPEndPoint(host, listen.Port)}/readyz"), either.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(either.Token);
            var readiness = Readiness.Parse(body);
            return string.Join("; ", readiness.Problems.Append($"the broker is {readiness.Broker} since {readiness.BrokerSince:u}"));
        }
        catch (Exception error) when (error is HttpRequestException or FormatException or OperationCanceledException && !stopping.IsCancellationRequested)
        {
            return $"the agent does not answer on {listen} ({error.Message})";
        }
    }
}
