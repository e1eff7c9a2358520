using System.Text.Json;

namespace SidecarAgent.Broker.Identity;

/// <summary>
/// The private claims of Kubernetes' service account tokens: <c>kubernetes.io</c> with namespace, serviceaccount, and, for
/// tokens that are bound to a pod, pod and node.
/// </summary>
internal static class WorkloadClaims
{
    /// <param name="token">Verified.</param>
    /// <param name="problem">Why there is no result.</param>
    public static Workload? Read(ParsedToken token, out string? problem)
    {
        problem = null;
        if (SpiffeId.TryParse(token.Subject, out var trustDomain, out var path))
            return Workload.OfSpiffe(trustDomain, path);
        var bound = Section(token.Claims, "kubernetes.io");
        var space = Name(bound, "namespace");
        var account = Name(Section(bound, "serviceaccount"), "name");
        if (bound is null)
            problem = "it has no 'kubernetes.io' claims; expected a projected service account token";
        else if (space is null || account is null)
            problem = "its 'kubernetes.io' claims need 'namespace' and 'serviceaccount.name', which are Kubernetes names";
        else if (token.Subject != $"system:serviceaccount:{space}:{account}")
            problem = "its subject is not the service account that its 'kubernetes.io' claims name";
        if (problem is not null)
            return null;

        if (Section(bound, "pod") is not { } pod)
            return new Workload(token.Issuer, space!, account!);
        if (Name(pod, "name") is { } podName && Name(pod, "uid") is { } uid)
            return new Workload(token.Issuer, space!, account!, podName, uid, Name(Section(bound, "node"), "name"));
        problem = "its 'kubernetes.io.pod' claims need 'name' and 'uid'";
        return null;
    }

    private static JsonElement? Section(JsonElement? json, string name) =>
        json is { } parent && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object
            ? value
            : null;

    /// <summary>A name as Kubernetes allows it (RFC 1123): nothing in it can steer a path, a pattern or a log line.</summary>
    private static string? Name(JsonElement? json, string name) =>
        json is { } parent
        && ParsedToken.Text(parent, name) is { Length: <= 253 } text
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.')
        && char.IsAsciiLetterOrDigit(text[0])
        && char.IsAsciiLetterOrDigit(text[^1])
            ? text
            : null;
}
