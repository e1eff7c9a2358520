using System.Text.Json;

namespace SidecarAgent.Webhook.Injection;

/// <summary>
/// The port of the agent's metrics and probes. The containers of a pod share one network, and 9464 is what applications
/// with OpenTelemetry take too: a port that another container names is not taken.
/// </summary>
internal static class PortPlan
{
    private const int Last = AgentContainer.FirstPort + 200;

    /// <summary>The port, or 0 with a problem.</summary>
    public static int Choose(PodTree pod, InjectionRequest request, out string? problem)
    {
        problem = null;
        var owners = new Dictionary<long, string>();
        foreach (var container in pod.Containers.Concat(pod.InitContainers))
        {
            foreach (var port in PodTree.Objects(container.Fields, "ports").Select(Number).OfType<long>())
                owners.TryAdd(port, container.Name);
        }

        if (request.MetricsPort is not { } chosen)
        {
            for (var port = AgentContainer.FirstPort; port <= Last; port++)
            {
                if (!owners.ContainsKey(port))
                    return port;
            }

            problem = $"every port from {AgentContainer.FirstPort} to {Last} is named by a container; "
                + $"choose one with {Annotations.Prefix}{Annotations.MetricsPort}";
            return 0;
        }

        if (owners.TryGetValue(chosen, out var owner))
            problem = $"annotation {Annotations.Prefix}{Annotations.MetricsPort}: port {chosen} belongs to container {Foreign.Quote(owner)}";
        return problem is null ? chosen : 0;
    }

    private static long? Number(JsonElement port) => PodTree.Number(PodTree.Member(port, "containerPort"));
}
