using System.Text;

namespace SidecarAgent.Ctl.Connection;

/// <summary>The file that holds the operator's token; its text never gets into a message.</summary>
internal static class TokenFile
{
    // A header of a request has room for 32 KiB in Kestrel; tokens are 1-2 KiB.
    private const int MaxBytes = 16 * 1024;

    /// <exception cref="CommandFailedException">There is no token to be read from it.</exception>
    public static string Read(string path)
    {
        byte[] bytes;
        try
        {
            using var file = File.OpenRead(path);
            bytes = new byte[MaxBytes + 1];
            bytes = bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailedException.Failed($"the token file cannot be read: {e.Message}", e);
        }

        if (bytes.Length > MaxBytes)
            throw CommandFailedException.Failed($"the token file {path} is larger than {MaxBytes} bytes; it holds one JWT");

        var token = Encoding.UTF8.GetString(bytes).Trim();
        return token.Length > 0 && token.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '=')
            ? token
            : throw CommandFailedException.Failed($"the token file {path} does not hold a JWT");
    }
}
