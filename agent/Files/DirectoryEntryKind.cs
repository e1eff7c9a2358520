namespace SidecarAgent.Agent.Files;

internal enum DirectoryEntryKind
{
    /// <summary>A device, socket or pipe: never ours.</summary>
    Other,

    File,

    Directory,

    Link,
}
