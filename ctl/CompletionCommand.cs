using System.CommandLine;

namespace SidecarAgent.Ctl;

/// <summary><c>completion bash|zsh|fish</c></summary>
internal static class CompletionCommand
{
    private static readonly string[] Shells = ["bash", "zsh", "fish"];

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish." }.AcceptOnlyFromAmong(Shells);
        var command = new Command("completion", "Prints a script that lets a shell complete sidecarctl's commands and options.")
        {
            shell,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var script = new StreamReader(Script(parsed.GetRequiredValue(shell)));
            await parsed.InvocationConfiguration.Output.WriteAsync(await script.ReadToEndAsync(cancellation));
        });
        return command;
    }

    private static Stream Script(string shell) =>
        typeof(CompletionCommand).Assembly.GetManifestResourceStream($"sidecarctl.{shell}")
        ?? throw new InvalidOperationException($"The completion script for {shell} is not part of this build.");
}
