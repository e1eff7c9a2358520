using System.Security.Cryptography;
using SidecarAgent.Agent.Files;
using SidecarAgent.Agent.Rendering;

namespace SidecarAgent.Agent.Sync;

/// <summary>
/// The next generation, complete in memory before a byte of it is written. Its buffers hold secrets and are zeroed at the end.
/// </summary>
internal sealed class GenerationDraft : IDisposable
{
    private readonly List<SecretBuffer> _rendered = [];
    private readonly List<byte[]> _kept = [];
    private readonly List<ProjectedFile> _files = [];
    private readonly List<PlannedFile> _changed = [];

    private GenerationDraft()
    {
    }

    public IReadOnlyList<ProjectedFile> Files => _files;

    /// <summary>Files that are new or have another content than in the current generation.</summary>
    public IReadOnlyList<PlannedFile> Changed => _changed;

    /// <param name="fates">Of every file of the plan.</param>
    /// <param name="secrets">The values for those that are rendered.</param>
    /// <param name="current">What the application sees now.</param>
    /// <exception cref="RenderException">Nothing was made.</exception>
    public static GenerationDraft Make(
        IEnumerable<(PlannedFile File, FileFate Fate)> fates, SecretSet secrets, CurrentFiles current)
    {
        var draft = new GenerationDraft();
        try
        {
            foreach (var (file, fate) in fates)
            {
                if (fate is FileFate.Render)
                    draft.Render(file, secrets, current);
                else if (fate is FileFate.Keep)
                    draft.Keep(file, current);
            }

            return draft;
        }
        catch
        {
            draft.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var buffer in _rendered)
            buffer.Dispose();
        foreach (var bytes in _kept)
            CryptographicOperations.ZeroMemory(bytes);
    }

    private void Render(PlannedFile file, SecretSet secrets, CurrentFiles current)
    {
        var buffer = new SecretBuffer();
        _rendered.Add(buffer);
        file.Renderer.Render(secrets, buffer);
        _files.Add(new ProjectedFile(file.Path, buffer.Written, file.Mode));
        var before = current.TryRead(file.Path);
        if (before is null || !before.AsSpan().SequenceEqual(buffer.Written.Span))
            _changed.Add(file);
        CryptographicOperations.ZeroMemory(before);
    }

    private void Keep(PlannedFile file, CurrentFiles current)
    {
        // Between the decision and here nobody else can have removed it: the agent is the only writer.
        if (current.TryRead(file.Path) is not { } bytes)
            throw new RenderException(file.Path.Text, "has disappeared from the mount");
        _kept.Add(bytes);
        _files.Add(new ProjectedFile(file.Path, bytes, file.Mode));
    }
}
