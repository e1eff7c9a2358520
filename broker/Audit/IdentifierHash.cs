using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Audit;

/// <summary>
/// Writes identifiers as HMAC-SHA256 under a key, so that a log can be given to somebody who is not to learn them, and who
/// still sees which entries are about the same one. Used by one thread.
/// </summary>
internal sealed partial class IdentifierHash(SecretBytes key, IReadOnlySet<string> fields) : IDisposable
{
    public const string Prefix = "hmac-sha256:";

    public const int MinKey = 32;
    public const int MaxKey = 4096;

    /// <summary>Pods ask again and again; when there are more than so many, it begins anew.</summary>
    private const int Remembered = 20_000;

    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);

    /// <summary>Members of an entry, and of its workload, that can be hashed.</summary>
    public static IReadOnlyList<string> Fields { get; } =
        ["namespace", "serviceAccount", "spiffeId", "pod", "podUid", "node", "operator"];

    /// <exception cref="CannotStartException">The key file is missing, can be used by others, or is too short.</exception>
    public static IdentifierHash Load(AuditHashOptions options) => new(ReadKey(options.KeyFile), options.Fields);

    /// <returns>The key; the caller disposes it.</returns>
    /// <exception cref="CannotStartException">The file is missing, can be used by others, or is too short.</exception>
    public static SecretBytes ReadKey(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            // A group may read it, because a mounted Kubernetes secret is given to the container's group.
            const UnixFileMode forbidden =
                UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.GroupWrite;
            if ((File.GetUnixFileMode(file.SafeFileHandle) & forbidden) != 0)
                throw new CannotStartException($"The key file {path} can be used by others. Set it right with: chmod 600 {path}");
            if (file.Length is < MinKey or > MaxKey)
            {
                throw new CannotStartException(
                    $"The key file {path} has {file.Length} bytes; expected {MinKey} to {MaxKey}. Make one with: sidecar-broker init-key FILE");
            }

            var key = new SecretBytes((int)file.Length);
            file.ReadExactly(key.Span);
            return key;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CannotStartException(
                $"The key file {path} cannot be read: {e.Message} Make one with: sidecar-broker init-key FILE", e);
        }
    }

    public static string Hash(ReadOnlySpan<byte> key, string value) =>
        Prefix + Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(value)));

    /// <summary>The identifier as it is to be written.</summary>
    public string? Of(string field, string? value)
    {
        if (value is null || value.Length == 0 || !fields.Contains(field))
            return value;
        if (_known.TryGetValue(value, out var hash))
            return hash;
        if (_known.Count >= Remembered)
            _known.Clear();
        return _known[value] = Hash(key.Span, value);
    }

    /// <summary>The entry's sentence, with the identifiers in it as they are to be written.</summary>
    public string? Detail(AuditEntry entry)
    {
        if (entry.Detail is not { } detail)
            return null;
        if (entry.Names.Count > 0)
        {
            detail = Replace(
                detail, string.Join('/', entry.Names.Select(name => name.Value)),
                string.Join('/', entry.Names.Select(name => Of(name.Field, name.Value))));
        }

        if (entry.Workload is { } workload)
            detail = Detail(detail, workload);
        // Whoever is turned away has no workload in the entry; the sentence says who the token's subject was.
        return entry.Action == AuditAction.Authenticate ? Subjects(detail) : detail;
    }

    public void Dispose() => key.Dispose();

    private string Detail(string detail, Workload workload)
    {
        detail = workload.Spiffe is { } spiffe
            ? Replace(detail, spiffe, Of("spiffeId", spiffe)!)
            : Replace(
                Replace(detail, workload.Name, $"{Of("namespace", workload.Namespace)}/{Of("serviceAccount", workload.ServiceAccount)}"),
                $"namespace {workload.Namespace}", $"namespace {Of("namespace", workload.Namespace)}");
        if (workload.Pod is { } pod)
        {
            detail = Replace(
                Replace(detail, $"{workload.Namespace}/{pod}", $"{Of("namespace", workload.Namespace)}/{Of("pod", pod)}"),
                pod, Of("pod", pod)!);
        }

        return workload.Node is { } node ? Replace(detail, node, Of("node", node)!) : detail;
    }

    private string Subjects(string detail)
    {
        detail = KubernetesSubject().Replace(
            detail, match => $"{match.Groups[1].Value}{Of("namespace", match.Groups[2].Value)}:{Of("serviceAccount", match.Groups[3].Value)}");
        return SpiffeSubject().Replace(detail, match => Of("spiffeId", match.Value)!);
    }

    /// <summary>Whole words only: a pod called <c>a</c> is not every <c>a</c>.</summary>
    private static string Replace(string text, string word, string replacement)
    {
        if (word == replacement)
            return text;
        var result = new StringBuilder();
        var from = 0;
        for (var at = text.IndexOf(word, StringComparison.Ordinal); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.Ordinal))
        {
            var end = at + word.Length;
            if (at < from || (at > 0 && IsPartOfName(text[at - 1])) || (end < text.Length && IsPartOfName(text[end])))
                continue;
            result.Append(text, from, at - from).Append(replacement);
            from = end;
        }

        return result.Append(text, from, text.Length - from).ToString();
    }

    private static bool IsPartOfName(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '/';

    [GeneratedRegex("(system:serviceaccount:)([^:'\" ]+):([^:'\" ]+)")]
    private static partial Regex KubernetesSubject();

    [GeneratedRegex("spiffe://[^'\" ,;]+")]
    private static partial Regex SpiffeSubject();
}
