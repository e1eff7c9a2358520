using System.Text.Json;

namespace SidecarAgent.Examples.Orders;

/// <summary>The JSON file with the fields <c>username</c> and <c>password</c> that the agent keeps fresh.</summary>
internal sealed class CredentialsFile(string path)
{
    /// <summary>
    /// Opens the file anew, because the agent replaces it and never writes into it. One sentence about what is in it:
    /// an identifier may be shown, of the password only its length.
    /// </summary>
    public string Read()
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return $"{path} is not there: no orders can be taken";
        }

        try
        {
            var credentials = JsonSerializer.Deserialize(content, OrdersJson.Default.Credentials) ?? throw new JsonException();
            return $"read {path}: username={credentials.Username}, password of {credentials.Password.Length} characters";
        }
        catch (JsonException)
        {
            // The exception's text could quote the file.
            return $"{path} is not JSON with a username and a password";
        }
    }
}
