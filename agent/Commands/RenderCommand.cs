using System.Text;
using System.Text.Json;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Rendering;
using SidecarAgent.Agent.Sync;
using FileOptions = SidecarAgent.Agent.Configuration.FileOptions;

namespace SidecarAgent.Agent.Commands;

/// <summary>
/// <c>render</c>: what a template makes of made-up secrets, offline. The data is JSON, secrets by path, fields by name:
/// <c>{ "kv/shop/orders": { "user": "orders", "password": "x" } }</c>.
/// </summary>
internal static class RenderCommand
{
    private const int MaxBytes = 1024 * 1024;

    /// <exception cref="InvalidConfigurationException">Template or data cannot be used.</exception>
    /// <exception cref="CommandException">They do not go together.</exception>
    public static void Run(string templateFile, string dataFile, bool errorOnMissingKey, Stream output)
    {
        var template = Encoding.UTF8.GetString(ConfigurationText.ReadFile(templateFile, "--template", MaxBytes));
        var secrets = ReadSecrets(ConfigurationText.ReadFile(dataFile, "--data", MaxBytes));
        var renderer = FilePlan.CompileFile(new FileOptions
        {
            File = Path.GetFileName(templateFile),
            Template = template,
            Secret = secrets.Count == 1 ? secrets[0].Path : null,
            ErrorOnMissingKey = errorOnMissingKey,
        });
        using var buffer = new SecretBuffer();
        try
        {
            renderer.Render(new SecretSet(secrets), buffer);
        }
        catch (RenderException error)
        {
            throw new CommandException(ExitCode.Failed, error.Message);
        }

        output.Write(buffer.Written.Span);
        output.Flush();
    }

    private static List<SecretData> ReadSecrets(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return
            [
                .. document.RootElement.EnumerateObject().Select(secret => new SecretData(
                    secret.Name, 1, secret.Value.EnumerateObject().Select(field => KeyValuePair.Create(field.Name, Bytes(field.Value))))),
            ];
        }
        catch (JsonException error)
        {
            throw new InvalidConfigurationException($"--data: not JSON: {error.Message}");
        }
        catch (InvalidOperationException)
        {
            throw new InvalidConfigurationException("--data: expected secrets by path and texts by field: { \"kv/app\": { \"user\": \"x\" } }");
        }
    }

    private static ReadOnlyMemory<byte> Bytes(JsonElement value) =>
        Encoding.UTF8.GetBytes(value.GetString() ?? throw new InvalidOperationException());
}
