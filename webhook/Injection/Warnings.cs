namespace SidecarAgent.Webhook.Injection;

/// <summary>What works, but may not be meant. <c>kubectl</c> shows it to who creates the pod.</summary>
internal static class Warnings
{
    private const int OthersBits = 0b000_000_111;
    private const int GroupRead = 0b000_100_000;

    public static IReadOnlyList<string> About(PodTree pod, InjectionPlan plan)
    {
        var warnings = new List<string>();
        foreach (var file in plan.Request.Files)
        {
            var annotation = $"{Annotations.Prefix}{Annotations.ModeOf}{Foreign.Plain(file.Name)}";
            if ((file.Mode & OthersBits) != 0)
                warnings.Add($"{annotation}: mode {file.ModeText} lets every user in the pod's containers in; 0440 is enough");
            else if ((file.Mode & GroupRead) == 0)
                warnings.Add($"{annotation}: mode {file.ModeText} can be read by user {plan.Agent.User} only");
        }

        if (plan.Request.Mode is InjectionMode.Init
            && (plan.Request.Notify is not null || plan.Request.Files.Any(file => file.Notify is not null)))
            warnings.Add($"{Annotations.Prefix}{Annotations.Notify}: nothing is ever notified in mode \"init\", because the agent ends before anything changes");
        if (plan.Request.Mode is not InjectionMode.Init && PodTree.Flag(pod.Spec, "hostNetwork") is true)
            warnings.Add($"the pod uses the node's network: its agent takes port {plan.Agent.Port} of the node, and two such pods "
                + $"on one node need different ones ({Annotations.Prefix}{Annotations.MetricsPort})");
        return warnings;
    }
}
