using System.Text;

namespace SidecarAgent.Agent.Connection;

/// <summary>
/// The workload token. The kubelet replaces the file behind a link when four fifths of the token's life are over, so it is
/// opened anew each time and never kept.
/// </summary>
internal sealed class TokenFile(string path)
{
    public const int MaxBytes = 16 * 1024;

    /// <exception cref="TokenException">Absent, unreadable, empty, too large, or not one line of text.</exception>
    public string Read()
    {
        var buffer = new byte[MaxBytes + 1];
        int length;
        try
        {
            using var file = File.OpenHandle(path);
            length = RandomAccess.Read(file, buffer, 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TokenException($"token: {error.Message}");
        }

        if (length > MaxBytes)
            throw new TokenException($"token: {path} has more than {MaxBytes} bytes");
        var token = Encoding.ASCII.GetString(buffer, 0, length).Trim();
        if (token.Length == 0)
            throw new TokenException($"token: {path} is empty");
        if (token.Any(character => character is <= ' ' or > '~') || buffer.AsSpan(0, length).ContainsAnyInRange<byte>(0x80, 0xff))
            throw new TokenException($"token: {path} must hold one token and nothing else");
        return token;
    }
}
