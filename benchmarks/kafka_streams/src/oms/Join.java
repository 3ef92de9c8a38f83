package oms;
public class Join { public static void main(String[] a) {} }
