namespace SidecarAgent.Webhook.Tests.Kit;

internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("sidecar-webhook-").FullName;

    public string PathTo(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string content)
    {
        File.WriteAllText(PathTo(name), content);
        return PathTo(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
