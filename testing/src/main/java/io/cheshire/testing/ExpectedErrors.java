package io.cheshire.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The test makes the system log lines of level ERROR that contain these texts; on a class: any of its tests may. Any
 * other such line fails the test. A test's text that no line contains fails its class: the annotation is out of date
 * then.
 */
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface ExpectedErrors {
    /** Texts; each line of level ERROR contains one of them, in its message or its stack trace. */
    String[] value();
}
