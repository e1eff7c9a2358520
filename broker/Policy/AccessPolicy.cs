using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Policy;

/// <summary>Grants for some callers, under a name.</summary>
/// <param name="Name">Unique in a <see cref="PolicySet"/>.</param>
/// <param name="File">Where it stands.</param>
/// <param name="Subjects">Whom it is about; one that matches is enough.</param>
/// <param name="Grants">What they get, numbered from 1 in explanations.</param>
internal sealed record AccessPolicy(
    string Name,
    string File,
    IReadOnlyList<Subject> Subjects,
    IReadOnlyList<Grant> Grants)
{
    public static string Names(IEnumerable<AccessPolicy> policies) => string.Join(", ", policies.Select(policy => policy.Name));

    public bool IsAbout(Workload caller) => Subjects.Any(subject => subject.Matches(caller));
}
