using System.Text;

namespace SidecarAgent.Agent.Configuration;

/// <summary>The PEM text of the CA that may vouch for the broker.</summary>
internal static class CaText
{
    private const int MaxBytes = 256 * 1024;

    /// <exception cref="InvalidConfigurationException">The file cannot be read, or holds no certificate by its looks.</exception>
    public static string Read(string file)
    {
        var text = Encoding.UTF8.GetString(ConfigurationText.ReadFile(file, "broker.caFile", MaxBytes));
        return HoldsCertificate(text) ? text : throw new InvalidConfigurationException("broker.caFile: holds no certificate in PEM");
    }

    public static bool HoldsCertificate(string pem) => pem.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal);
}
