using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Access to the secrets that the agent holds. Paths are constants; the parser has made sure of it.</summary>
internal static class SecretFunctions
{
    public static readonly Function[] All =
    [
        new("secret", 1, 1, Secret) { TakesSecretPath = true },
        new("pkiCert", 1, 1, Certificate) { TakesSecretPath = true },
    ];

    private static SecretValue Secret(Call call) => call.Context.Secret(call.String(0));

    /// <summary>A certificate's parts under the names of consul-template, whatever the engine calls them.</summary>
    private static DictValue Certificate(Call call)
    {
        var secret = Secret(call);
        var parts = new DictValue();
        Add(parts, "Cert", secret, "certificate", "cert", "tls.crt");
        Add(parts, "Key", secret, "privateKey", "private_key", "key", "tls.key");
        Add(parts, "CA", secret, "ca", "issuingCa", "issuing_ca", "caChain", "ca_chain", "ca.crt");
        if (parts["Cert"].IsNil || parts["Key"].IsNil)
            throw call.Error("the secret is no certificate: it needs the fields certificate and privateKey");

        var data = new DictValue();
        foreach (var part in parts.Keys)
            data.Set(part, parts[part]);
        parts.Set("Data", data);
        return parts;
    }

    private static void Add(DictValue parts, string part, SecretValue secret, params string[] fields)
    {
        if (fields.FirstOrDefault(field => secret.TryGet(field, out _)) is { } found)
            parts.Set(part, secret[found]);
    }
}
