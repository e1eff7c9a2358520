namespace SidecarAgent.Quickstart.PodRunner;

/// <summary>One line that a process wrote.</summary>
/// <param name="Number">Counts from 1, standard output and standard error together.</param>
/// <param name="At">When the runner read it.</param>
internal sealed record OutputLine(int Number, DateTimeOffset At, string Text);
