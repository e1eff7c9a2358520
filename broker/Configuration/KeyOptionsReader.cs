using System.Text;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Configuration;

/// <summary>Reads <c>key</c>.</summary>
internal sealed class KeyOptionsReader(ConfiguredFiles files)
{
    private const string SocketScheme = "unix://";
    private const int MaxSocketPath = 107;

    private static readonly string[] Kinds = ["file", "pkcs11", "kms"];
    private static readonly TimeSpan LongestCache = TimeSpan.FromHours(24);

    public KeyOptions Read(YamlMap root)
    {
        var map = root.Map("key");
        var current = Kek(map, "'key'");
        var previous = map.Maps("previous").Select(entry => Kek(entry, "an entry of 'previous'")).ToList();
        var cache = map.Duration("cache", KeyOptions.DefaultCache);
        if (cache > LongestCache)
            map.Report("cache", "'cache' must be from 0s to 24h: so long a key that was taken away goes on");
        return new KeyOptions(current, previous, cache);
    }

    private KekOptions Kek(YamlMap map, string where)
    {
        var named = Kinds.Where(map.Has).ToList();
        if (named.Count > 1)
            map.Report(named[1], $"{where} names one key: {string.Join(" or ", Kinds)}, not several");
        return named.FirstOrDefault() switch
        {
            "pkcs11" => Token(map.Map("pkcs11")),
            "kms" => new KekOptions.InKms(Socket(map)),
            _ => new KekOptions.InFile(
                files.Readable(map, "file", "make it with 'sidecar-broker init-key', and keep a copy in a safe")),
        };
    }

    private KekOptions.InToken Token(YamlMap map)
    {
        var label = map.Text("keyLabel");
        if (label.Length > 64 || !label.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
            map.Report("keyLabel", "'keyLabel' has at most 64 letters, digits, '.', '_' and '-'; it stands in the database");
        return new KekOptions.InToken(
            files.Readable(map, "module", "install the HSM's PKCS#11 library, or correct the path"),
            map.Text("tokenLabel"),
            label,
            files.Readable(map, "pinFile", "put the token's user PIN there, readable by the broker only"));
    }

    private static string Socket(YamlMap map)
    {
        var text = map.Text("kms");
        if (!text.StartsWith($"{SocketScheme}/", StringComparison.Ordinal))
            map.Report("kms", $"'kms' is the plugin's socket, such as {SocketScheme}/run/kms.sock");
        else if (Encoding.UTF8.GetByteCount(text) > SocketScheme.Length + MaxSocketPath)
            map.Report("kms", $"the path of a socket has at most {MaxSocketPath} bytes");
        else
            return text[SocketScheme.Length..];
        return "";
    }
}
