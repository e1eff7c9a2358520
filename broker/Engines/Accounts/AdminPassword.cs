using System.Text;

namespace SidecarAgent.Broker.Engines.Accounts;

/// <summary>The password of the broker's own account, in a file that somebody else keeps fresh.</summary>
internal static class AdminPassword
{
    private const int MostBytes = 4096;

    /// <summary>As it is now; an end of line at the end does not count.</summary>
    /// <exception cref="AccountServerRefusedException">The file cannot be read or is no password.</exception>
    public static string Read(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            if (stream.Length is 0 or > MostBytes)
                throw new AccountServerRefusedException($"The password file {file} has {stream.Length} bytes; expected 1 to {MostBytes}.");
            var bytes = new byte[stream.Length];
            var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            var password = Encoding.UTF8.GetString(bytes, 0, read).TrimEnd('\r', '\n');
            Array.Clear(bytes);
            return password;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AccountServerRefusedException($"The password file {file} cannot be read: {e.Message}", e);
        }
    }
}
