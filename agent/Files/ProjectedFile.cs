namespace SidecarAgent.Agent.Files;

/// <summary>One file of a set, rendered and ready to be written. Prints without its content.</summary>
/// <param name="Path">Where below the mount.</param>
/// <param name="Content">The exact bytes; may be empty.</param>
/// <param name="Mode">Permission bits, see <see cref="ModeProblem"/>.</param>
internal sealed record ProjectedFile(FilePath Path, ReadOnlyMemory<byte> Content, UnixFileMode Mode)
{
    private const UnixFileMode Permissions = (UnixFileMode)0b111_111_111;

    /// <summary>What is wrong with a mode that was asked for; null: nothing.</summary>
    public static string? ModeProblem(UnixFileMode mode)
    {
        if ((mode & ~Permissions) != 0)
            return "setuid, setgid and sticky bits are not for secrets: use a mode of three octal digits such as 0440";
        if ((mode & UnixFileMode.UserRead) == 0)
            return "the agent itself must be able to read the file: add 0400";
        return null;
    }

    public override string ToString() => $"{Path} {Convert.ToString((int)Mode, 8).PadLeft(4, '0')} ***";
}
