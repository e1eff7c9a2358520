using System.Text.Json.Nodes;

namespace SidecarAgent.Testing;

/// <summary>
/// Stands in for a cluster's issuer: mints tokens shaped like Kubernetes projected ones, and publishes its keys.
/// </summary>
public sealed class TokenIssuer : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly List<SigningKey> _published;

    /// <param name="issuer">The <c>iss</c> of its tokens.</param>
    /// <param name="audience">The <c>aud</c> of its tokens.</param>
    /// <param name="clock">Dates the tokens; null: the machine's.</param>
    /// <param name="key">Signs, and is disposed with the issuer; null: a new ES256 one, which is quick to make.</param>
    public TokenIssuer(
        string issuer = "https://kubernetes.default.svc.cluster.local",
        string audience = "sidecar-broker",
        TimeProvider? clock = null,
        SigningKey? key = null)
    {
        Issuer = issuer;
        Audience = audience;
        _clock = clock ?? TimeProvider.System;
        Key = key ?? SigningKey.Es256();
        _published = [Key];
    }

    public string Issuer { get; }

    public string Audience { get; }

    /// <summary>The key that signs now.</summary>
    public SigningKey Key { get; private set; }

    /// <summary>The token of a pod.</summary>
    /// <param name="namespaceName">The pod's namespace.</param>
    /// <param name="serviceAccount">The service account it runs as.</param>
    /// <param name="pod">Its name; null: the token is bound to no pod.</param>
    /// <param name="lifetime">Until <c>exp</c>; null: one hour.</param>
    /// <param name="podUid">The pod's uid; null: one that always belongs to this namespace and pod name.</param>
    /// <param name="node">The node's name.</param>
    /// <param name="change">Alters the payload before it is signed.</param>
    public string Token(
        string namespaceName = "shop",
        string serviceAccount = "orders",
        string? pod = "orders-0",
        TimeSpan? lifetime = null,
        string? podUid = null,
        string node = "node1",
        Action<JsonObject>? change = null)
    {
        var payload = Payload(namespaceName, serviceAccount, pod, lifetime ?? TimeSpan.FromHours(1), podUid, node);
        change?.Invoke(payload);
        return Jwt.Sign(Header(), payload, Key);
    }

    /// <summary>The header that its tokens have, for tests that alter it.</summary>
    public JsonObject Header() => new() { ["alg"] = Key.Algorithm, ["kid"] = Key.KeyId };

    /// <summary>The payload that the token of a pod has, for tests that alter it.</summary>
    public JsonObject Payload(
        string namespaceName = "shop",
        string serviceAccount = "orders",
        string? pod = "orders-0",
        TimeSpan? lifetime = null,
        string? podUid = null,
        string node = "node1")
    {
        var now = _clock.GetUtcNow();
        var bound = new JsonObject
        {
            ["namespace"] = namespaceName,
            ["serviceaccount"] = Named(serviceAccount, StableUid("sa", namespaceName, serviceAccount)),
        };
        if (pod is not null)
        {
            bound["pod"] = Named(pod, podUid ?? StableUid("pod", namespaceName, pod));
            bound["node"] = Named(node, StableUid("node", "", node));
        }

        return new JsonObject
        {
            ["aud"] = new JsonArray(Audience),
            ["exp"] = (now + (lifetime ?? TimeSpan.FromHours(1))).ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["iss"] = Issuer,
            ["jti"] = Guid.NewGuid().ToString(),
            ["kubernetes.io"] = bound,
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["sub"] = $"system:serviceaccount:{namespaceName}:{serviceAccount}",
        };
    }

    /// <summary>The JSON Web Key Set that it publishes.</summary>
    public string Jwks() =>
        new JsonObject { ["keys"] = new JsonArray([.. _published.Select(key => key.PublicJwk())]) }.ToJsonString();

    /// <summary>Publishes to a file, whole or not at all.</summary>
    public string WriteJwks(string file)
    {
        File.WriteAllText($"{file}.new", Jwks());
        File.Move($"{file}.new", file, overwrite: true);
        return file;
    }

    /// <summary>Signs with another key from now on.</summary>
    /// <param name="next">The key; it is disposed with the issuer.</param>
    /// <param name="keepOld">Whether the keys published until now stay published.</param>
    public void RotateKey(SigningKey next, bool keepOld = false)
    {
        if (!keepOld)
            Withdraw();
        Key = next;
        _published.Add(next);
    }

    public void Dispose() => Withdraw();

    private void Withdraw()
    {
        _published.ForEach(key => key.Dispose());
        _published.Clear();
    }

    private static JsonObject Named(string name, string uid) => new() { ["name"] = name, ["uid"] = uid };

    private static string StableUid(string kind, string namespaceName, string name)
    {
        var text = System.Text.Encoding.UTF8.GetBytes($"{kind}/{namespaceName}/{name}");
        return new Guid(System.Security.Cryptography.SHA256.HashData(text).AsSpan(0, 16)).ToString();
    }
}
