using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace SidecarAgent.Ctl.Development;

/// <summary>Whom a development token is for. Without a pod it is bound to the service account alone.</summary>
/// <param name="Account">The service account in its namespace.</param>
/// <param name="Pod">Name of the pod; null: none.</param>
/// <param name="PodUid">Null: derived from the pod's name, so that its next token is for the same pod.</param>
/// <param name="Node">Null: no node is named. Only with a pod.</param>
internal sealed record TokenSubject(NamespacedName Account, string? Pod, string? PodUid, string? Node);

/// <summary>The claims of a projected service account token, as an API server of Kubernetes 1.36 writes them.</summary>
internal static class PodTokenClaims
{
    public static JsonObject Create(
        TokenSubject subject, string issuer, string audience, DateTimeOffset now, TimeSpan lifetime, Guid id)
    {
        var (ns, account) = (subject.Account.Namespace, subject.Account.Name);
        var kubernetes = new JsonObject { ["namespace"] = ns };
        if (subject is { Pod: not null, Node: { } node })
            kubernetes["node"] = Reference(node, Uid("node", node));
        if (subject.Pod is { } pod)
            kubernetes["pod"] = Reference(pod, subject.PodUid ?? Uid("pod", $"{ns}/{pod}"));
        kubernetes["serviceaccount"] = Reference(account, Uid("serviceaccount", $"{ns}/{account}"));

        return new JsonObject
        {
            ["aud"] = new JsonArray(audience),
            ["exp"] = (now + lifetime).ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["iss"] = issuer,
            ["jti"] = id.ToString(),
            ["kubernetes.io"] = kubernetes,
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["sub"] = $"system:serviceaccount:{ns}:{account}",
        };
    }

    private static JsonObject Reference(string name, string uid) => new() { ["name"] = name, ["uid"] = uid };

    /// <summary>The same for the same name, in the form of a UUID of version 8 (RFC 9562).</summary>
    private static string Uid(string kind, string name)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}:{name}"))[..16];
        bytes[6] = (byte)(bytes[6] & 0x0F | 0x80);
        bytes[8] = (byte)(bytes[8] & 0x3F | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }
}
