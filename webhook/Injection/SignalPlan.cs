using System.Text.Json;

namespace SidecarAgent.Webhook.Injection;

/// <summary>
/// What it takes to signal a process of another container: both see each other's processes, and both run as the same user.
/// </summary>
/// <param name="User">Whom the agent runs as; null: it does not signal, or the user could not be found out.</param>
/// <param name="SharesProcesses">Whether the pod must be made to share its process namespace.</param>
/// <param name="Problems">Why a signal would never arrive, a sentence each.</param>
internal sealed record SignalPlan(long? User, bool SharesProcesses, IReadOnlyList<string> Problems)
{
    private const string Instead = "notify by HTTP instead, such as http:8080/-/reload";

    public static SignalPlan For(PodTree pod, InjectionRequest request, MountPlan mounts)
    {
        if (!request.Signals)
            return new SignalPlan(null, false, []);

        var problems = new List<string>();
        if (PodTree.Flag(pod.Spec, "hostPID") is true)
            problems.Add($"a signal would reach processes of the whole node, because the pod sets hostPID; {Instead}");
        else if (PodTree.Flag(pod.Spec, "shareProcessNamespace") is false)
            problems.Add($"a signal cannot reach another container, because the pod sets shareProcessNamespace: false; {Instead}");

        var user = FindUser(pod, request, mounts, problems);
        return new SignalPlan(user, PodTree.Flag(pod.Spec, "shareProcessNamespace") is null, problems);
    }

    private static long? FindUser(PodTree pod, InjectionRequest request, MountPlan mounts, List<string> problems)
    {
        var ofPod = UserOf(pod.Spec);
        var users = mounts.Users.Select(container => UserOf(container.Fields) ?? ofPod)
            .Distinct().ToList();
        if (request.RunAsUser is { } chosen)
        {
            if (users.Count > 0 && users.TrueForAll(user => user is not null && user != chosen))
                problems.Add($"annotation {Annotations.Prefix}{Annotations.RunAsUser}: a signal needs the application's user, "
                    + $"which is {string.Join(" or ", users)}, got {chosen}");
            return chosen;
        }

        switch (users)
        {
            case [0]:
                problems.Add($"a signal needs the application's user, which is root; the agent does not run as root: {Instead}");
                return null;
            case [{ } only]:
                return only;
            default:
                problems.Add($"a signal needs the application's user, which cannot be read from the pod; set "
                    + $"{Annotations.Prefix}{Annotations.RunAsUser} to it, or {Instead}");
                return null;
        }
    }

    private static long? UserOf(JsonElement podOrContainer) =>
        PodTree.Number(PodTree.Member(PodTree.Member(podOrContainer, "securityContext"), "runAsUser"));
}
