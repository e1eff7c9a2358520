using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Reload;

namespace SidecarAgent.Agent.Configuration;

/// <summary>Turns the configuration's JSON into options, or says at once everything that is wrong with it.</summary>
internal sealed class ConfigurationParser
{
    public const string DefaultMountPath = "/secrets";
    public const string DefaultListen = "0.0.0.0:9464";

    private static readonly Dictionary<string, LogLevel> LogLevels = new(StringComparer.Ordinal)
    {
        ["trace"] = LogLevel.Trace,
        ["debug"] = LogLevel.Debug,
        ["info"] = LogLevel.Information,
        ["warn"] = LogLevel.Warning,
        ["error"] = LogLevel.Error,
    };

    private static readonly Dictionary<string, LogFormat> LogFormats = new(StringComparer.Ordinal)
    {
        ["text"] = LogFormat.Text,
        ["json"] = LogFormat.Json,
    };

    private static readonly Dictionary<string, OnRevoke> Revocations = new(StringComparer.Ordinal)
    {
        ["delete"] = OnRevoke.Delete,
        ["keep"] = OnRevoke.Keep,
    };

    private readonly List<string> _problems = [];

    private ConfigurationParser()
    {
    }

    /// <param name="utf8">The JSON text.</param>
    /// <exception cref="InvalidConfigurationException">Names all problems.</exception>
    public static AgentOptions Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > ConfigurationText.MaxBytes)
            throw new InvalidConfigurationException($"{utf8.Length} bytes, at most {ConfigurationText.MaxBytes} are read");
        var json = ReadJson(utf8);
        var parser = new ConfigurationParser();
        var options = parser.Options(json);
        return parser._problems.Count == 0 ? options : throw new InvalidConfigurationException(parser._problems);
    }

    private static ConfigurationJson ReadJson(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var problems = new List<string>();
            var json = ConfigurationJson.Shape.Read(utf8, problems);
            return problems.Count == 0 ? json : throw new InvalidConfigurationException(problems);
        }
        catch (JsonException error)
        {
            throw new InvalidConfigurationException(
                $"line {error.LineNumber + 1}, column {error.BytePositionInLine + 1}: not JSON: {Short(error.Message)}");
        }
    }

    /// <summary>Without the place, which is said in front.</summary>
    private static string Short(string message) =>
        message.IndexOf(" LineNumber:", StringComparison.Ordinal) is var end and >= 0 ? message[..end] : message;

    private AgentOptions Options(ConfigurationJson json)
    {
        var broker = Broker(json.Broker);
        var mount = json.MountPath ?? DefaultMountPath;
        if (!Path.IsPathFullyQualified(mount))
            _problems.Add($"mountPath: '{mount}' must be an absolute path");
        return new AgentOptions
        {
            Broker = broker,
            Identity = IdentityParser.Parse(json.Identity, _problems),
            MountPath = mount,
            AllowDisk = json.AllowDisk,
            OnRevoke = OneOf("onRevoke", json.OnRevoke ?? "delete", Revocations),
            Log = new LogOptions(
                OneOf("logLevel", json.LogLevel ?? "info", LogLevels), OneOf("logFormat", json.LogFormat ?? "text", LogFormats)),
            Listen = Listen(json.Listen ?? DefaultListen),
            Files = FilesParser.Parse(json.Files, _problems),
            Notify = NotificationOf("notify", json.Notify, _problems),
        };
    }

    private BrokerOptions Broker(BrokerJson json)
    {
        if (json.Address is null)
            _problems.Add("broker.address is missing: give the broker's https address");
        Uri? address = null;
        if (json.Address is not null && !IsBrokerAddress(json.Address, out address))
            _problems.Add($"broker.address: '{json.Address}' must be https://HOST:PORT, with nothing behind it");
        return new BrokerOptions { Address = address ?? new Uri("https://invalid."), CaPem = CaPem(json), CaFile = json.CaFile };
    }

    private static bool IsBrokerAddress(string text, out Uri? address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address)
        && address.Scheme == Uri.UriSchemeHttps
        && address is { PathAndQuery: "/", Fragment: "", UserInfo: "" };

    private string CaPem(BrokerJson json)
    {
        if ((json.CaFile is null) == (json.CaPem is null))
        {
            _problems.Add("broker: give either caFile or caPem, the CA that the broker's certificate must come from");
            return "";
        }

        try
        {
            if (json.CaPem is null)
                return CaText.Read(json.CaFile!);
        }
        catch (InvalidConfigurationException error)
        {
            _problems.AddRange(error.Problems);
            return "";
        }

        if (!CaText.HoldsCertificate(json.CaPem))
            _problems.Add("broker.caPem: holds no certificate in PEM");
        return json.CaPem;
    }

    private IPEndPoint Listen(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out var endpoint))
            return endpoint;
        _problems.Add(string.Create(
            CultureInfo.InvariantCulture, $"listen: '{text}' must be ADDRESS:PORT, such as {DefaultListen}"));
        return new IPEndPoint(IPAddress.Loopback, 0);
    }

    private T OneOf<T>(string key, string text, Dictionary<string, T> known)
        where T : struct
    {
        if (!known.TryGetValue(text, out var value))
            _problems.Add($"{key}: '{text}' must be one of {string.Join(", ", known.Keys)}");
        return value;
    }

    /// <summary>Shared with the files, each of which may have its own.</summary>
    public static Notification? NotificationOf(string key, string? text, List<string> problems)
    {
        if (text is null)
            return null;
        if (!Notification.TryParse(text, out var notification, out var problem))
            problems.Add($"{key}: '{text}' {problem}");
        return notification;
    }
}
