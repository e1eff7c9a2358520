using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace SidecarAgent.Ctl.Connection;

/// <summary>Where the broker listens for operators. Never plain HTTP, which would send the token in the clear.</summary>
internal abstract record BrokerAddress
{
    public const string Default = "unix:///run/sidecar-broker/admin.sock";

    /// <summary>Size of <c>sun_path</c> on Linux, less the closing zero (unix(7)).</summary>
    private const int MaxSocketPath = 107;

    private BrokerAddress()
    {
    }

    /// <summary>A socket on this machine; its file permissions say who may use it.</summary>
    public sealed record LocalSocket(string Path) : BrokerAddress
    {
        public override string ToString() => $"unix://{Path}";
    }

    /// <summary>TLS, with a token.</summary>
    public sealed record Remote(Uri Uri) : BrokerAddress
    {
        public override string ToString() => Uri.GetLeftPart(UriPartial.Authority);
    }

    /// <param name="text">What somebody typed.</param>
    /// <param name="address">The address, if it is one.</param>
    /// <param name="problem">Otherwise what was expected.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out BrokerAddress? address, [NotNullWhen(false)] out string? problem)
    {
        const string Socket = "unix://";
        address = null;
        problem = null;
        if (Encoding.UTF8.GetByteCount(text) > Socket.Length + MaxSocketPath && text.StartsWith(Socket, StringComparison.Ordinal))
            problem = $"the path of a socket has at most {MaxSocketPath} bytes";
        else if (text.StartsWith(Socket + "/", StringComparison.Ordinal))
            address = new LocalSocket(text[Socket.Length..]);
        else if (Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri is { Scheme: "https", Host.Length: > 0, UserInfo: "", PathAndQuery: "/", Fragment: "" })
            address = new Remote(uri);
        else
            problem = "the broker's address is unix:///PATH/TO/SOCKET or https://HOST:PORT";
        return address is not null;
    }
}
