using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Engines.Redis;

/// <summary>
/// Tries a user's login with nothing but AUTH: the library's greeting uses commands that the user's role may not allow.
/// </summary>
internal static class RedisLogin
{
    private const int LongestAnswer = 512;

    /// <exception cref="AccountServerRefusedException">The login is refused.</exception>
    /// <exception cref="IOException">The connection is lost, or this is no Redis.</exception>
    public static async Task TryAsync(
        AccountConnection to, AccountName name, SecretBytes password, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(to.Host, to.Port, cancellationToken);
        await using Stream stream = to.Tls ? await SecureAsync(client.GetStream(), to, cancellationToken) : client.GetStream();

        using var command = Command(name, password);
        await stream.WriteAsync(command.Memory, cancellationToken);
        await stream.FlushAsync(cancellationToken);
        var answer = await LineAsync(stream, cancellationToken);
        if (answer == "+OK")
            return;
        if (!answer.StartsWith('-'))
            throw new IOException("it does not answer as a Redis does");
        throw new AccountServerRefusedException($"Redis at {to.Where} did not let {name} in: {ForeignText.Clean(answer[1..])}");
    }

    private static async Task<SslStream> SecureAsync(Stream plain, AccountConnection to, CancellationToken cancellationToken)
    {
        var secure = new SslStream(plain, leaveInnerStreamOpen: false);
        try
        {
            var settings = new SslClientAuthenticationOptions { TargetHost = to.Host };
            if (to.CaFile is { } file)
            {
                settings.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                    certificate is not null && ServerTrust.IsTrusted(file, certificate, errors);
            }

            await secure.AuthenticateAsClientAsync(settings, cancellationToken);
            return secure;
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }

    private static SecretBytes Command(AccountName name, SecretBytes password)
    {
        var before = Encoding.ASCII.GetBytes($"*3\r\n$4\r\nAUTH\r\n${name.Value.Length}\r\n{name.Value}\r\n${password.Span.Length}\r\n");
        var command = new SecretBytes(before.Length + password.Span.Length + 2);
        before.CopyTo(command.Span);
        password.Span.CopyTo(command.Span[before.Length..]);
        "\r\n"u8.CopyTo(command.Span[^2..]);
        return command;
    }

    private static async Task<string> LineAsync(Stream stream, CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (line.Length < LongestAnswer && await stream.ReadAsync(one, cancellationToken) == 1 && one[0] != '\n')
            line.Append((char)one[0]);
        return line.ToString().TrimEnd('\r');
    }
}
