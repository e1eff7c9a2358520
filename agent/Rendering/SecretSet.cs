using System.Diagnostics.CodeAnalysis;

namespace SidecarAgent.Agent.Rendering;

/// <summary>The current version of every secret that the pod holds, by path. Does not own what it refers to.</summary>
internal sealed class SecretSet
{
    private readonly Dictionary<string, SecretData> _byPath = new(StringComparer.Ordinal);

    public SecretSet(IEnumerable<SecretData> secrets)
    {
        foreach (var secret in secrets)
            _byPath.Add(secret.Path, secret);
    }

    public bool TryGet(string path, [NotNullWhen(true)] out SecretData? secret) => _byPath.TryGetValue(path, out secret);

    public override string ToString() => $"{_byPath.Count} secrets ***";
}
