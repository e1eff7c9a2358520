using System.Text;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Rendering;
using SidecarAgent.Agent.Sync;
using SidecarAgent.Agent.Templates.Documents;
using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Values;
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
            var secrets = Map(JsonValueReader.Read(json));
            return
            [
                .. secrets.Keys.Select(path => (Path: path, Fields: Map(secrets[path]))).Select(secret => new SecretData(
                    secret.Path, 1, secret.Fields.Keys.Select(field => KeyValuePair.Create(field, Bytes(secret.Fields[field]))))),
            ];
        }
        catch (EvaluationException error)
        {
            throw new InvalidConfigurationException($"--data: {error.Message}");
        }
    }

    private static MapValue Map(Value value) => value as MapValue ?? throw Unexpected();

    private static ReadOnlyMemory<byte> Bytes(Value value) => (value as TextValue ?? throw Unexpected()).Bytes;

    private static InvalidConfigurationException Unexpected() =>
        new("--data: expected secrets by path and texts by field: { \"kv/app\": { \"user\": \"x\" } }");
}
