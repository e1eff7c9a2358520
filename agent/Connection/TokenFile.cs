using System.Security.Cryptography;
using System.Text;

namespace SidecarAgent.Agent.Connection;

/// <summary>
/// The workload token. The kubelet replaces the file behind a link when four fifths of the token's life are over, so it is
/// opened anew each time and never kept.
/// </summary>
internal sealed class TokenFile(string path) : IWorkloadToken
{
    public const int MaxBytes = 16 * 1024;

    public ValueTask<string> ReadAsync(CancellationToken cancellationToken) => new(Read());

    public void Refuse(string token)
    {
        // The next call reads what is in the file then: nobody but the kubelet can do more.
    }

    public Task KeepFreshAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

    public void Dispose()
    {
        // Nothing stays open between two calls.
    }

    /// <exception cref="TokenException">Absent, unreadable, empty, too large, or not one line of text.</exception>
    public string Read()
    {
        Span<byte> buffer = stackalloc byte[MaxBytes + 1];
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
        var isAscii = !buffer[..length].ContainsAnyInRange<byte>(0x80, 0xff);
        var token = Encoding.ASCII.GetString(buffer[..length]).Trim();
        CryptographicOperations.ZeroMemory(buffer);
        if (token.Length == 0)
            throw new TokenException($"token: {path} is empty");
        if (!isAscii || token.Any(character => character is <= ' ' or > '~'))
            throw new TokenException($"token: {path} must hold one token and nothing else");
        return token;
    }
}
