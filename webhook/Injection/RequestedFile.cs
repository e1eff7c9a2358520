using System.Globalization;

namespace SidecarAgent.Webhook.Injection;

/// <summary>What opens and closes an action in a template.</summary>
internal sealed record TemplateDelimiters(string Left, string Right);

/// <summary>One file that a pod asks for.</summary>
internal sealed record RequestedFile
{
    /// <summary>0440: the agent's user and the agent's group, which the pod's containers are members of.</summary>
    public const int DefaultMode = 0b100_100_000;

    public const int OwnerRead = 0b100_000_000;

    /// <summary>The NAME that ties its annotations together.</summary>
    public required string Name { get; init; }

    /// <summary>Path below the mount, such as <c>tls/server.crt</c>.</summary>
    public required string File { get; init; }

    /// <summary>Path of the secret; null only with a <see cref="Template"/>.</summary>
    public string? Secret { get; init; }

    /// <summary>The only field wanted; null: all that are granted.</summary>
    public string? Field { get; init; }

    /// <summary><c>json</c>, <c>env</c>, <c>yaml</c>, <c>properties</c> or <c>raw</c>; null with a template.</summary>
    public string? Format { get; init; }

    /// <summary>A Go text/template. Only the agent can say whether it is a good one.</summary>
    public string? Template { get; init; }

    /// <summary>What opens and closes an action in the template; null: <c>{{</c> and <c>}}</c>.</summary>
    public TemplateDelimiters? Delimiters { get; init; }

    /// <summary>Whether the template fails on a key that the secret does not have.</summary>
    public bool ErrorOnMissingKey { get; init; }

    /// <summary>Permission bits, at most 0777.</summary>
    public int Mode { get; init; } = DefaultMode;

    public Notification? Notify { get; init; }

    /// <summary>The mode as people write it, such as <c>0440</c>.</summary>
    public string ModeText => "0" + Convert.ToString(Mode, 8).PadLeft(3, '0');

    /// <summary>Parses three or four octal digits, at most 0777; -1 if the text is not that.</summary>
    public static int ParseMode(string text)
    {
        if (text.Length is < 3 or > 4 || text.AsSpan().ContainsAnyExceptInRange('0', '7'))
            return -1;
        var mode = text.Aggregate(0, (sum, digit) => (sum * 8) + int.Parse([digit], CultureInfo.InvariantCulture));
        return mode <= 0b111_111_111 ? mode : -1;
    }
}
