using System.Text;

namespace SidecarAgent.Agent.Configuration;

/// <summary>Where the configuration is read from.</summary>
internal static class ConfigurationText
{
    /// <summary>Holds the configuration itself, so that the webhook needs no ConfigMap per pod.</summary>
    public const string Variable = "SIDECAR_AGENT_CONFIG";

    public const int MaxBytes = 1024 * 1024;

    /// <param name="file">What <c>--config</c> says; null: the variable holds the configuration.</param>
    /// <param name="variable">What <see cref="Variable"/> holds.</param>
    /// <returns>UTF-8 without a byte order mark.</returns>
    /// <exception cref="InvalidConfigurationException">Absent, unreadable or too large.</exception>
    public static byte[] Read(string? file, string? variable)
    {
        if (file is not null)
            return ReadFile(file, "--config", MaxBytes);
        if (string.IsNullOrWhiteSpace(variable))
            throw new InvalidConfigurationException($"there is none: give --config FILE or set {Variable}");
        return Encoding.UTF8.GetBytes(variable);
    }

    /// <param name="file">Its path.</param>
    /// <param name="key">What names the file, for the message.</param>
    /// <param name="maxBytes">More is refused unread.</param>
    /// <exception cref="InvalidConfigurationException">Unreadable or too large.</exception>
    public static byte[] ReadFile(string file, string key, int maxBytes)
    {
        try
        {
            var length = new FileInfo(file).Length;
            if (length > maxBytes)
                throw new InvalidConfigurationException($"{key}: {file} has {length} bytes, at most {maxBytes} are read");
            var bytes = File.ReadAllBytes(file);
            return bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidConfigurationException($"{key}: {error.Message}");
        }
    }
}
