using SidecarAgent.Agent.Reload;

namespace SidecarAgent.Agent.Configuration;

/// <summary>One file that the application wants, as the configuration says it. Validated when it is loaded.</summary>
internal sealed record FileOptions
{
    /// <summary>Relative path below the mount, such as <c>tls/server.crt</c>.</summary>
    public required string File { get; init; }

    /// <summary>Path of the secret at the broker; null only with a template, which names its secrets itself.</summary>
    public string? Secret { get; init; }

    /// <summary>The only field wanted; null: all that the grant allows.</summary>
    public string? Field { get; init; }

    /// <summary>How the fields become bytes. Ignored with a template.</summary>
    public FileFormat Format { get; init; }

    /// <summary>A Go text/template; null: <see cref="Format"/> decides.</summary>
    public string? Template { get; init; }

    /// <summary>What opens an action in the template.</summary>
    public string LeftDelimiter { get; init; } = "{{";

    /// <summary>What closes an action in the template.</summary>
    public string RightDelimiter { get; init; } = "}}";

    /// <summary>Whether a key that a template asks for and the data lacks is an error (Go: <c>missingkey=error</c>).</summary>
    public bool ErrorOnMissingKey { get; init; }

    /// <summary>Permission bits; set before any byte is written.</summary>
    public UnixFileMode Mode { get; init; } = UnixFileMode.UserRead | UnixFileMode.GroupRead;

    /// <summary>Whom to tell after this file changed, such as <c>signal:HUP:nginx</c> or <c>http:8080/-/reload</c>.</summary>
    public Notification? Notify { get; init; }
}
